CREATE TABLE "agensight"."receipts" (
  "project_id"  uuid                     NOT NULL,
  "batch_id"    uuid                     NOT NULL,
  "received_at" timestamp with time zone NOT NULL DEFAULT now(),
  "stored"      jsonb                    NOT NULL,
  "sdk"         jsonb,
  "request_id"  text,
  "accepted_at" timestamp with time zone,
  CONSTRAINT "receipts_pkey" PRIMARY KEY (project_id, batch_id)
);

ALTER TABLE "agensight"."receipts"
  ENABLE ROW LEVEL SECURITY;

CREATE INDEX receipts_by_time ON agensight.receipts USING btree (project_id, received_at DESC);

CREATE POLICY "members read their projects' receipts" ON "agensight"."receipts"
  FOR SELECT
  TO "authenticated"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.my_projects() AS my_projects))));

CREATE POLICY "read tokens open their project" ON "agensight"."receipts"
  FOR SELECT
  TO "anon"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.token_project() AS token_project))));

GRANT SELECT ON TABLE "agensight"."receipts" TO "anon", "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "agensight"."receipts" TO "service_role";

COMMENT ON COLUMN "agensight"."receipts"."accepted_at" IS 'When the batch was acknowledged, if that was before it was stored here; else null.';

COMMENT ON COLUMN "agensight"."receipts"."batch_id" IS 'Generated once by the sender.';

COMMENT ON COLUMN "agensight"."receipts"."project_id" IS 'The project whose token wrote the row.';

COMMENT ON COLUMN "agensight"."receipts"."received_at" IS 'When it was stored, by the database''s clock.';

COMMENT ON COLUMN "agensight"."receipts"."request_id" IS 'The HTTP request of the batch, as in the ingest function''s log; null where it had none.';

COMMENT ON COLUMN "agensight"."receipts"."sdk" IS 'The sender: name, version, process_id, and how many records it had created, sent and dropped by then.';

COMMENT ON COLUMN "agensight"."receipts"."stored" IS 'Rows accepted per table.';

COMMENT ON TABLE "agensight"."receipts" IS 'One row per stored batch: it identifies a batch that is sent again, and losses are computed from it. Written only by ingest().';
