CREATE TABLE "agensight_private"."migrations" (
  "version"    text                     NOT NULL,
  "name"       text                     NOT NULL,
  "checksum"   text                     NOT NULL,
  "applied_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "migrations_checksum_check" CHECK ((length(checksum) = 64)),
  CONSTRAINT "migrations_pkey" PRIMARY KEY (VERSION),
  CONSTRAINT "migrations_version_check" CHECK ((version ~ '^\d{14}$'::text))
);

ALTER TABLE "agensight_private"."migrations"
  ENABLE ROW LEVEL SECURITY;

CREATE POLICY "the service role reads the history" ON "agensight_private"."migrations"
  FOR SELECT
  TO "service_role"
  USING (true);

GRANT SELECT ON TABLE "agensight_private"."migrations" TO "service_role";

COMMENT ON COLUMN "agensight_private"."migrations"."applied_at" IS 'When the migration was applied, or found in the history of `supabase db push`.';

COMMENT ON COLUMN "agensight_private"."migrations"."checksum" IS 'SHA-256 of the file in hexadecimal: a file must not change after it was applied.';

COMMENT ON COLUMN "agensight_private"."migrations"."name" IS 'The rest of the file name.';

COMMENT ON COLUMN "agensight_private"."migrations"."version" IS 'The fourteen digits at the start of the file name.';

COMMENT ON TABLE "agensight_private"."migrations" IS 'History of the migrations that `npx agensight migrate` has applied; empty where `supabase db push` applies them.';
