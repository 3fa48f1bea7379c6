CREATE TABLE "agensight"."projects" (
  "id"                  uuid                     NOT NULL DEFAULT gen_random_uuid(),
  "name"                text                     NOT NULL,
  "created_at"          timestamp with time zone NOT NULL DEFAULT now(),
  "deleted_at"          timestamp with time zone,
  "requests_per_minute" integer                  NOT NULL DEFAULT 12000,
  "bytes_per_minute"    bigint                   NOT NULL DEFAULT 600000000,
  "retention_days"      integer,
  "mask_secrets"        boolean                  NOT NULL DEFAULT true,
  "mask_personal"       text[]                   NOT NULL DEFAULT ARRAY['card'::text,
  'iban'::text],
  CONSTRAINT "projects_bytes_per_minute_check" CHECK (((bytes_per_minute >= 1) AND (bytes_per_minute <= '1000000000000'::bigint))),
  CONSTRAINT "projects_mask_personal_check"
    CHECK (((mask_personal <@ ARRAY['card'::text, 'iban'::text, 'email'::text, 'phone'::text, 'ssn'::text]) AND (array_position(mask_personal, NULL::text) IS NULL))),
  CONSTRAINT "projects_name_check" CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  CONSTRAINT "projects_pkey" PRIMARY KEY (id),
  CONSTRAINT "projects_requests_per_minute_check" CHECK (((requests_per_minute >= 1) AND (requests_per_minute <= 1000000))),
  CONSTRAINT "projects_retention_days_check" CHECK (((retention_days >= 1) AND (retention_days <= 36500)))
);

ALTER TABLE "agensight"."projects"
  ENABLE ROW LEVEL SECURITY;

CREATE POLICY "members see their projects" ON "agensight"."projects"
  FOR SELECT
  TO "authenticated"
  USING ((id = ANY (ARRAY( SELECT agensight_private.my_projects() AS my_projects))));

CREATE POLICY "read tokens open their project" ON "agensight"."projects"
  FOR SELECT
  TO "anon"
  USING ((id = ANY (ARRAY( SELECT agensight_private.token_project() AS token_project))));

GRANT SELECT ON TABLE "agensight"."projects" TO "anon", "authenticated";

GRANT INSERT, SELECT, UPDATE ON TABLE "agensight"."projects" TO "service_role";

COMMENT ON COLUMN "agensight"."projects"."bytes_per_minute" IS 'The same for bytes of request bodies as they arrive.';

COMMENT ON COLUMN "agensight"."projects"."created_at" IS 'When the project was made.';

COMMENT ON COLUMN "agensight"."projects"."deleted_at" IS 'When delete_project() was called; maintain() then deletes its records and at last this row. Null for an active project.';

COMMENT ON COLUMN "agensight"."projects"."id" IS 'The project_id of every row that the project owns.';

COMMENT ON COLUMN "agensight"."projects"."mask_personal" IS 'The personal data that it replaces too: card, iban, email, phone, ssn. Set by set_masking().';

COMMENT ON COLUMN "agensight"."projects"."mask_secrets" IS 'Whether the ingest function replaces secrets in records by marks, from whatever client. Set by set_masking(); takes effect within a minute.';

COMMENT ON COLUMN "agensight"."projects"."name" IS 'Display name, 1 to 200 characters; need not be unique.';

COMMENT ON COLUMN "agensight"."projects"."requests_per_minute" IS 'Requests per minute that one token, and all tokens of the project together, may send; more are answered 429. Set by the service role; takes effect within a minute.';

COMMENT ON COLUMN "agensight"."projects"."retention_days" IS 'Traces and sessions are deleted this many days after they were first received; null keeps them forever. Set by set_retention().';

COMMENT ON TABLE "agensight"."projects" IS 'One row per project: the unit that tokens write to and members read.';
