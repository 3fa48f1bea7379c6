CREATE TABLE "agensight"."tools" (
  "project_id"  uuid                     NOT NULL,
  "trace_id"    text                     COLLATE pg_catalog."C" NOT NULL,
  "id"          text                     COLLATE pg_catalog."C" NOT NULL,
  "span_id"     text                     COLLATE pg_catalog."C",
  "run_span_id" text                     COLLATE pg_catalog."C",
  "name"        text,
  "arguments"   jsonb,
  "output"      jsonb,
  "status"      text,
  "error"       jsonb,
  "started_at"  timestamp with time zone,
  "ended_at"    timestamp with time zone,
  "merge_state" jsonb,
  CONSTRAINT "tools_id_check" CHECK (((length(id) >= 1) AND (length(id) <= 128))),
  CONSTRAINT "tools_pkey" PRIMARY KEY (project_id, trace_id, id),
  CONSTRAINT "tools_status_check" CHECK ((status = ANY (ARRAY['unset'::text, 'ok'::text, 'error'::text]))),
  CONSTRAINT "tools_trace_id_check" CHECK (((length(trace_id) >= 1) AND (length(trace_id) <= 128)))
);

ALTER TABLE "agensight"."tools"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "agensight"."tools"
  SET (autovacuum_vacuum_scale_factor=0.05);

CREATE TRIGGER queued_on_insert AFTER INSERT ON agensight.tools REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (
  (COALESCE(current_setting('agensight.trace_changes'::text, true), ''::text) = ''::text)
) EXECUTE FUNCTION agensight_private.queue_changed_traces();

CREATE TRIGGER queued_on_update AFTER UPDATE ON agensight.tools REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (
  (COALESCE(current_setting('agensight.trace_changes'::text, true), ''::text) = ''::text)
) EXECUTE FUNCTION agensight_private.queue_changed_traces();

CREATE POLICY "members read their projects' tools" ON "agensight"."tools"
  FOR SELECT
  TO "authenticated"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.my_projects() AS my_projects))));

CREATE POLICY "read tokens open their project" ON "agensight"."tools"
  FOR SELECT
  TO "anon"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.token_project() AS token_project))));

GRANT SELECT ON TABLE "agensight"."tools" TO "anon", "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "agensight"."tools" TO "service_role";

COMMENT ON COLUMN "agensight"."tools"."arguments" IS 'What it was called with.';

COMMENT ON COLUMN "agensight"."tools"."ended_at" IS 'When it ended; null while it runs, or when only the model''s request is known.';

COMMENT ON COLUMN "agensight"."tools"."error" IS 'type, message and stack of the error.';

COMMENT ON COLUMN "agensight"."tools"."id" IS 'The provider''s call id, else the LLM span''s id and the call''s place in it; the tool''s own span id when no model requested it.';

COMMENT ON COLUMN "agensight"."tools"."merge_state" IS 'For ingest(): the age of each field where they are from different messages; null when all are from one.';

COMMENT ON COLUMN "agensight"."tools"."name" IS 'The tool.';

COMMENT ON COLUMN "agensight"."tools"."output" IS 'What it returned; null when unknown.';

COMMENT ON COLUMN "agensight"."tools"."project_id" IS 'The project whose token wrote the row.';

COMMENT ON COLUMN "agensight"."tools"."run_span_id" IS 'The tool''s own span; null when only the model''s request is known. Equal to id while no model''s call was found for the run.';

COMMENT ON COLUMN "agensight"."tools"."span_id" IS 'The LLM span that requested it; null when no model did.';

COMMENT ON COLUMN "agensight"."tools"."started_at" IS 'When it began, by the client''s clock; null when only the model''s request is known.';

COMMENT ON COLUMN "agensight"."tools"."status" IS 'unset, ok or error; the strongest seen stays.';

COMMENT ON COLUMN "agensight"."tools"."trace_id" IS 'The trace it belongs to.';

COMMENT ON TABLE "agensight"."tools" IS 'One row per tool call, merged from up to three sources: the model''s request, the tool''s own span, the message that answered. Written only by ingest().';
