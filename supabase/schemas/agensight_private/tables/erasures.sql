CREATE TABLE "agensight_private"."erasures" (
  "id"           uuid                     NOT NULL DEFAULT gen_random_uuid(),
  "project_id"   uuid                     NOT NULL,
  "user_id"      text,
  "user_hash"    text                     NOT NULL,
  "requested_by" uuid,
  "requested_at" timestamp with time zone NOT NULL DEFAULT now(),
  "finished_at"  timestamp with time zone,
  "deleted"      jsonb                    NOT NULL DEFAULT '{}'::jsonb,
  CONSTRAINT "erasures_pkey" PRIMARY KEY (id),
  CONSTRAINT "erasures_project_id_fkey" FOREIGN KEY (project_id) REFERENCES agensight.projects(id) ON DELETE CASCADE,
  CONSTRAINT "erasures_requested_by_fkey" FOREIGN KEY (requested_by) REFERENCES auth.users(id) ON DELETE SET NULL,
  CONSTRAINT "erasures_user_hash_check" CHECK ((user_hash ~ '^[0-9a-f]{64}$'::text))
);

ALTER TABLE "agensight_private"."erasures"
  ENABLE ROW LEVEL SECURITY;

CREATE INDEX erasures_by_project ON agensight_private.erasures USING btree (project_id);

CREATE INDEX erasures_by_requester ON agensight_private.erasures USING btree (requested_by);

CREATE POLICY "owners see their projects' erasures" ON "agensight_private"."erasures"
  FOR SELECT
  TO "authenticated"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.my_owned_projects() AS my_owned_projects))));

GRANT SELECT ("deleted") ON TABLE "agensight_private"."erasures" TO "authenticated";

GRANT SELECT ("finished_at") ON TABLE "agensight_private"."erasures" TO "authenticated";

GRANT SELECT ("id") ON TABLE "agensight_private"."erasures" TO "authenticated";

GRANT SELECT ("project_id") ON TABLE "agensight_private"."erasures" TO "authenticated";

GRANT SELECT ("requested_at") ON TABLE "agensight_private"."erasures" TO "authenticated";

GRANT SELECT ("requested_by") ON TABLE "agensight_private"."erasures" TO "authenticated";

GRANT SELECT ("user_hash") ON TABLE "agensight_private"."erasures" TO "authenticated";

GRANT SELECT ("deleted") ON TABLE "agensight_private"."erasures" TO "service_role";

GRANT SELECT ("finished_at") ON TABLE "agensight_private"."erasures" TO "service_role";

GRANT SELECT ("id") ON TABLE "agensight_private"."erasures" TO "service_role";

GRANT SELECT ("project_id") ON TABLE "agensight_private"."erasures" TO "service_role";

GRANT SELECT ("requested_at") ON TABLE "agensight_private"."erasures" TO "service_role";

GRANT SELECT ("requested_by") ON TABLE "agensight_private"."erasures" TO "service_role";

GRANT SELECT ("user_hash") ON TABLE "agensight_private"."erasures" TO "service_role";

COMMENT ON COLUMN "agensight_private"."erasures"."deleted" IS 'Rows deleted by table; "redacted" counts sessions that stay without the fields about the user.';

COMMENT ON COLUMN "agensight_private"."erasures"."finished_at" IS 'When the last deletion finished; null while one is in progress.';

COMMENT ON COLUMN "agensight_private"."erasures"."id" IS 'Names the request.';

COMMENT ON COLUMN "agensight_private"."erasures"."project_id" IS 'The project in which the user is erased.';

COMMENT ON COLUMN "agensight_private"."erasures"."requested_at" IS 'When it was requested; data that began later is kept.';

COMMENT ON COLUMN "agensight_private"."erasures"."requested_by" IS 'The owner who requested it; null when a service did or the owner was deleted.';

COMMENT ON COLUMN "agensight_private"."erasures"."user_hash" IS 'SHA-256 of the id in lower-case hexadecimal: evidence of the erasure for those who know the id.';

COMMENT ON COLUMN "agensight_private"."erasures"."user_id" IS 'The end user''s id, while data may still arrive late; null 35 days after the request.';

COMMENT ON TABLE "agensight_private"."erasures" IS 'One row per request to erase an end user in a project: the receipt.';
