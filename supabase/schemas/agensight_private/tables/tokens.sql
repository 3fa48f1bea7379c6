CREATE TABLE "agensight_private"."tokens" (
  "id"           uuid                     NOT NULL DEFAULT gen_random_uuid(),
  "project_id"   uuid                     NOT NULL,
  "hash"         bytea                    NOT NULL,
  "python_hash"  bytea                    NOT NULL,
  "prefix"       text                     NOT NULL,
  "name"         text                     NOT NULL,
  "scopes"       text[]                   NOT NULL,
  "created_by"   uuid,
  "created_at"   timestamp with time zone NOT NULL DEFAULT now(),
  "expires_at"   timestamp with time zone,
  "revoked_at"   timestamp with time zone,
  "last_used_at" timestamp with time zone,
  CONSTRAINT "tokens_created_by_fkey" FOREIGN KEY (created_by) REFERENCES auth.users(id) ON DELETE SET NULL,
  CONSTRAINT "tokens_hash_check" CHECK ((length(hash) = 32)),
  CONSTRAINT "tokens_hash_key" UNIQUE (hash),
  CONSTRAINT "tokens_name_check" CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  CONSTRAINT "tokens_pkey" PRIMARY KEY (id),
  CONSTRAINT "tokens_project_id_fkey" FOREIGN KEY (project_id) REFERENCES agensight.projects(id) ON DELETE CASCADE,
  CONSTRAINT "tokens_python_hash_check" CHECK ((length(python_hash) = 32)),
  CONSTRAINT "tokens_python_hash_key" UNIQUE (python_hash),
  CONSTRAINT "tokens_scopes_check" CHECK (((cardinality(scopes) > 0) AND (scopes <@ ARRAY['ingest'::text, 'read'::text])))
);

ALTER TABLE "agensight_private"."tokens"
  ENABLE ROW LEVEL SECURITY;

CREATE INDEX tokens_by_creator ON agensight_private.tokens USING btree (created_by);

CREATE INDEX tokens_by_project ON agensight_private.tokens USING btree (project_id);

CREATE POLICY "managers see their projects' tokens" ON "agensight_private"."tokens"
  FOR SELECT
  TO "authenticated"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.my_managed_projects() AS my_managed_projects))));

GRANT SELECT ("created_at") ON TABLE "agensight_private"."tokens" TO "authenticated";

GRANT SELECT ("created_by") ON TABLE "agensight_private"."tokens" TO "authenticated";

GRANT SELECT ("expires_at") ON TABLE "agensight_private"."tokens" TO "authenticated";

GRANT SELECT ("id") ON TABLE "agensight_private"."tokens" TO "authenticated";

GRANT SELECT ("last_used_at") ON TABLE "agensight_private"."tokens" TO "authenticated";

GRANT SELECT ("name") ON TABLE "agensight_private"."tokens" TO "authenticated";

GRANT SELECT ("prefix") ON TABLE "agensight_private"."tokens" TO "authenticated";

GRANT SELECT ("project_id") ON TABLE "agensight_private"."tokens" TO "authenticated";

GRANT SELECT ("revoked_at") ON TABLE "agensight_private"."tokens" TO "authenticated";

GRANT SELECT ("scopes") ON TABLE "agensight_private"."tokens" TO "authenticated";

GRANT SELECT ("created_at") ON TABLE "agensight_private"."tokens" TO "service_role";

GRANT SELECT ("created_by") ON TABLE "agensight_private"."tokens" TO "service_role";

GRANT SELECT ("expires_at") ON TABLE "agensight_private"."tokens" TO "service_role";

GRANT SELECT ("id") ON TABLE "agensight_private"."tokens" TO "service_role";

GRANT SELECT ("last_used_at") ON TABLE "agensight_private"."tokens" TO "service_role";

GRANT SELECT ("name") ON TABLE "agensight_private"."tokens" TO "service_role";

GRANT SELECT ("prefix") ON TABLE "agensight_private"."tokens" TO "service_role";

GRANT SELECT ("project_id") ON TABLE "agensight_private"."tokens" TO "service_role";

GRANT SELECT ("revoked_at") ON TABLE "agensight_private"."tokens" TO "service_role";

GRANT SELECT ("scopes") ON TABLE "agensight_private"."tokens" TO "service_role";

COMMENT ON COLUMN "agensight_private"."tokens"."created_at" IS 'When it was made.';

COMMENT ON COLUMN "agensight_private"."tokens"."created_by" IS 'The user who made it; null when a service made it or the user was deleted.';

COMMENT ON COLUMN "agensight_private"."tokens"."expires_at" IS 'When it expires; null for never.';

COMMENT ON COLUMN "agensight_private"."tokens"."hash" IS 'SHA-256 of the token''s text.';

COMMENT ON COLUMN "agensight_private"."tokens"."id" IS 'Identifies the token without revealing it.';

COMMENT ON COLUMN "agensight_private"."tokens"."last_used_at" IS 'When it was last checked, to the minute; null if never.';

COMMENT ON COLUMN "agensight_private"."tokens"."name" IS 'What the token is for, as its creator wrote it.';

COMMENT ON COLUMN "agensight_private"."tokens"."prefix" IS 'The token''s first characters, to recognise it by.';

COMMENT ON COLUMN "agensight_private"."tokens"."project_id" IS 'The only project that the token may write to.';

COMMENT ON COLUMN "agensight_private"."tokens"."python_hash" IS 'SHA-256 of the value that the original Python SDK gets for the token, which it prints: a value that only writes, and only by the routes of that SDK.';

COMMENT ON COLUMN "agensight_private"."tokens"."revoked_at" IS 'When it was revoked, possibly in the near future (rotation); null while it is valid.';

COMMENT ON COLUMN "agensight_private"."tokens"."scopes" IS 'What it may do: ingest (write records), read (read records, for machines).';

COMMENT ON TABLE "agensight_private"."tokens" IS 'Tokens by their SHA-256; the token itself is shown only once, when it is made, and not stored.';
