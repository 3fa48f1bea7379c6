CREATE TABLE "agensight_private"."totals" (
  "name"         text NOT NULL,
  "source"       text NOT NULL,
  "contribution" text NOT NULL,
  "condition"    text,
  CONSTRAINT "totals_pkey" PRIMARY KEY (name)
);

ALTER TABLE "agensight_private"."totals"
  ENABLE ROW LEVEL SECURITY;

CREATE POLICY "the service role reads the list of totals" ON "agensight_private"."totals"
  FOR SELECT
  TO "service_role"
  USING (true);

GRANT SELECT ON TABLE "agensight_private"."totals" TO "service_role";

COMMENT ON COLUMN "agensight_private"."totals"."condition" IS 'Which of its rows add, as SQL; null for all of them.';

COMMENT ON COLUMN "agensight_private"."totals"."contribution" IS 'What one row of it adds, as SQL; null adds nothing.';

COMMENT ON COLUMN "agensight_private"."totals"."name" IS 'The column of agensight.traces and agensight.sessions.';

COMMENT ON COLUMN "agensight_private"."totals"."source" IS 'The table whose rows are counted or summed; it has project_id and trace_id.';

COMMENT ON TABLE "agensight_private"."totals" IS 'The totals of traces, each a column of agensight.traces and, as the sum over its traces, of agensight.sessions. After every change, call build_totals().';
