CREATE TABLE "agensight_private"."invitations" (
  "id"          uuid                     NOT NULL DEFAULT gen_random_uuid(),
  "project_id"  uuid                     NOT NULL,
  "hash"        bytea                    NOT NULL,
  "role"        text                     NOT NULL,
  "email"       text,
  "created_by"  uuid,
  "created_at"  timestamp with time zone NOT NULL DEFAULT now(),
  "expires_at"  timestamp with time zone NOT NULL,
  "accepted_by" uuid,
  "accepted_at" timestamp with time zone,
  CONSTRAINT "invitations_accepted_by_fkey" FOREIGN KEY (accepted_by) REFERENCES auth.users(id) ON DELETE SET NULL,
  CONSTRAINT "invitations_created_by_fkey" FOREIGN KEY (created_by) REFERENCES auth.users(id) ON DELETE SET NULL,
  CONSTRAINT "invitations_email_check" CHECK (((email = lower(email)) AND ((length(email) >= 3) AND (length(email) <= 320)))),
  CONSTRAINT "invitations_hash_check" CHECK ((length(hash) = 32)),
  CONSTRAINT "invitations_hash_key" UNIQUE (hash),
  CONSTRAINT "invitations_pkey" PRIMARY KEY (id),
  CONSTRAINT "invitations_project_id_fkey" FOREIGN KEY (project_id) REFERENCES agensight.projects(id) ON DELETE CASCADE,
  CONSTRAINT "invitations_role_check" CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'viewer'::text])))
);

ALTER TABLE "agensight_private"."invitations"
  ENABLE ROW LEVEL SECURITY;

CREATE INDEX invitations_by_accepter ON agensight_private.invitations USING btree (accepted_by);

CREATE INDEX invitations_by_creator ON agensight_private.invitations USING btree (created_by);

CREATE INDEX invitations_by_project ON agensight_private.invitations USING btree (project_id);

CREATE POLICY "owners see their projects' invitations" ON "agensight_private"."invitations"
  FOR SELECT
  TO "authenticated"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.my_owned_projects() AS my_owned_projects))));

GRANT SELECT ("accepted_at") ON TABLE "agensight_private"."invitations" TO "authenticated";

GRANT SELECT ("accepted_by") ON TABLE "agensight_private"."invitations" TO "authenticated";

GRANT SELECT ("created_at") ON TABLE "agensight_private"."invitations" TO "authenticated";

GRANT SELECT ("created_by") ON TABLE "agensight_private"."invitations" TO "authenticated";

GRANT SELECT ("email") ON TABLE "agensight_private"."invitations" TO "authenticated";

GRANT SELECT ("expires_at") ON TABLE "agensight_private"."invitations" TO "authenticated";

GRANT SELECT ("id") ON TABLE "agensight_private"."invitations" TO "authenticated";

GRANT SELECT ("project_id") ON TABLE "agensight_private"."invitations" TO "authenticated";

GRANT SELECT ("role") ON TABLE "agensight_private"."invitations" TO "authenticated";

GRANT SELECT ("accepted_at") ON TABLE "agensight_private"."invitations" TO "service_role";

GRANT SELECT ("accepted_by") ON TABLE "agensight_private"."invitations" TO "service_role";

GRANT SELECT ("created_at") ON TABLE "agensight_private"."invitations" TO "service_role";

GRANT SELECT ("created_by") ON TABLE "agensight_private"."invitations" TO "service_role";

GRANT SELECT ("email") ON TABLE "agensight_private"."invitations" TO "service_role";

GRANT SELECT ("expires_at") ON TABLE "agensight_private"."invitations" TO "service_role";

GRANT SELECT ("id") ON TABLE "agensight_private"."invitations" TO "service_role";

GRANT SELECT ("project_id") ON TABLE "agensight_private"."invitations" TO "service_role";

GRANT SELECT ("role") ON TABLE "agensight_private"."invitations" TO "service_role";

COMMENT ON COLUMN "agensight_private"."invitations"."accepted_at" IS 'When it was accepted; it can be accepted once.';

COMMENT ON COLUMN "agensight_private"."invitations"."accepted_by" IS 'The user who accepted it; null while it is open or when the user was deleted.';

COMMENT ON COLUMN "agensight_private"."invitations"."created_at" IS 'When it was made.';

COMMENT ON COLUMN "agensight_private"."invitations"."created_by" IS 'The owner who made it; null when a service made it or the user was deleted.';

COMMENT ON COLUMN "agensight_private"."invitations"."email" IS 'The only address that may accept it, in lower case; null for any user with the code.';

COMMENT ON COLUMN "agensight_private"."invitations"."expires_at" IS 'When it expires.';

COMMENT ON COLUMN "agensight_private"."invitations"."hash" IS 'SHA-256 of the code''s text.';

COMMENT ON COLUMN "agensight_private"."invitations"."id" IS 'Identifies the invitation without revealing its code.';

COMMENT ON COLUMN "agensight_private"."invitations"."project_id" IS 'The project that it grants access to.';

COMMENT ON COLUMN "agensight_private"."invitations"."role" IS 'The role that accepting it grants: viewer, admin or owner.';

COMMENT ON TABLE "agensight_private"."invitations" IS 'Invitations by the SHA-256 of their code; the code itself is shown only once, when it is made, and not stored.';
