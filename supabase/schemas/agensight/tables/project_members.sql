CREATE TABLE "agensight"."project_members" (
  "project_id" uuid                     NOT NULL,
  "user_id"    uuid                     NOT NULL,
  "role"       text                     NOT NULL DEFAULT 'viewer'::text,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "project_members_pkey" PRIMARY KEY (user_id, project_id),
  CONSTRAINT "project_members_role_check" CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'viewer'::text]))),
  CONSTRAINT "project_members_user_id_fkey" FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE,
  CONSTRAINT "project_members_project_id_fkey" FOREIGN KEY (project_id) REFERENCES agensight.projects(id) ON DELETE CASCADE
);

ALTER TABLE "agensight"."project_members"
  ENABLE ROW LEVEL SECURITY;

CREATE INDEX project_members_by_project ON agensight.project_members USING btree (project_id);

CREATE POLICY "members see who shares their projects" ON "agensight"."project_members"
  FOR SELECT
  TO "authenticated"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.my_projects() AS my_projects))));

GRANT SELECT ON TABLE "agensight"."project_members" TO "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "agensight"."project_members" TO "service_role";

COMMENT ON COLUMN "agensight"."project_members"."created_at" IS 'When the membership began.';

COMMENT ON COLUMN "agensight"."project_members"."project_id" IS 'The project.';

COMMENT ON COLUMN "agensight"."project_members"."role" IS 'viewer reads; admin also manages tokens; owner also manages members.';

COMMENT ON COLUMN "agensight"."project_members"."user_id" IS 'The member, a user of Supabase Auth.';

COMMENT ON TABLE "agensight"."project_members" IS 'Who may read a project, and who may also manage it.';
