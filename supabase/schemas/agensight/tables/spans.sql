CREATE TABLE "agensight"."spans" (
  "project_id"  uuid                     NOT NULL,
  "trace_id"    text                     COLLATE pg_catalog."C" NOT NULL,
  "id"          text                     COLLATE pg_catalog."C" NOT NULL,
  "parent_id"   text                     COLLATE pg_catalog."C",
  "name"        text,
  "kind"        text,
  "mode"        text,
  "status"      text,
  "error"       jsonb,
  "started_at"  timestamp with time zone,
  "ended_at"    timestamp with time zone,
  "input"       jsonb,
  "output"      jsonb,
  "attributes"  jsonb,
  "events"      jsonb,
  "merge_state" jsonb,
  CONSTRAINT "spans_id_check" CHECK (((length(id) >= 1) AND (length(id) <= 128))),
  CONSTRAINT "spans_kind_check" CHECK ((kind = ANY (ARRAY['llm'::text, 'tool'::text, 'agent'::text, 'chain'::text, 'retriever'::text, 'embedding'::text, 'span'::text]))),
  CONSTRAINT "spans_mode_check" CHECK ((mode = ANY (ARRAY['dev'::text, 'prod'::text]))),
  CONSTRAINT "spans_pkey" PRIMARY KEY (project_id, trace_id, id),
  CONSTRAINT "spans_status_check" CHECK ((status = ANY (ARRAY['unset'::text, 'ok'::text, 'error'::text]))),
  CONSTRAINT "spans_trace_id_check" CHECK (((length(trace_id) >= 1) AND (length(trace_id) <= 128)))
);

ALTER TABLE "agensight"."spans"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "agensight"."spans"
  SET (autovacuum_vacuum_scale_factor=0.05);

CREATE INDEX errors_by_start ON agensight.spans USING btree (project_id, started_at DESC)
  WHERE (status = 'error'::text);

CREATE INDEX llm_spans_by_start ON agensight.spans USING btree (project_id, started_at DESC)
  WHERE (kind = 'llm'::text);

CREATE INDEX spans_by_uuid ON agensight.spans USING btree (project_id, id)
  WHERE (length(id) = 36);

CREATE TRIGGER calls_priced_on_insert AFTER INSERT ON agensight.spans REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (
  (COALESCE(current_setting('agensight.trace_changes'::text, true), ''::text) = ''::text)
) EXECUTE FUNCTION agensight_private.price_calls_of_inserted_spans();

CREATE TRIGGER calls_priced_on_update
  AFTER UPDATE ON agensight.spans REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION agensight_private.price_calls_of_changed_spans();

CREATE TRIGGER moved_spans_noted
  AFTER UPDATE ON agensight.spans REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION agensight_private.note_moved_spans();

CREATE TRIGGER totals_kept_on_delete
  AFTER DELETE ON agensight.spans REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION agensight_private.sum_spans();

CREATE TRIGGER totals_kept_on_insert
  AFTER INSERT ON agensight.spans REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION agensight_private.sum_spans();

CREATE TRIGGER totals_kept_on_update
  AFTER UPDATE ON agensight.spans REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION agensight_private.sum_spans();

CREATE POLICY "members read their projects' spans" ON "agensight"."spans"
  FOR SELECT
  TO "authenticated"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.my_projects() AS my_projects))));

CREATE POLICY "read tokens open their project" ON "agensight"."spans"
  FOR SELECT
  TO "anon"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.token_project() AS token_project))));

GRANT SELECT ON TABLE "agensight"."spans" TO "anon", "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "agensight"."spans" TO "service_role";

COMMENT ON COLUMN "agensight"."spans"."attributes" IS 'Everything else that was recorded on it, by attribute name.';

COMMENT ON COLUMN "agensight"."spans"."ended_at" IS 'When it ended; null while it runs.';

COMMENT ON COLUMN "agensight"."spans"."error" IS 'type, message and stack of the error.';

COMMENT ON COLUMN "agensight"."spans"."events" IS 'Span events: a list of {name, time, attributes}.';

COMMENT ON COLUMN "agensight"."spans"."id" IS 'W3C span id (16 hex digits), or the client''s own id; generated once, so a span that is sent again is the same row.';

COMMENT ON COLUMN "agensight"."spans"."input" IS 'Arguments. Null for LLM calls: their messages are in prompts.';

COMMENT ON COLUMN "agensight"."spans"."kind" IS 'llm, tool, agent, chain, retriever, embedding, or span for any other step.';

COMMENT ON COLUMN "agensight"."spans"."merge_state" IS 'For ingest(): the age of each field where they are from different messages; null when all are from one.';

COMMENT ON COLUMN "agensight"."spans"."mode" IS 'dev or prod, as given to init().';

COMMENT ON COLUMN "agensight"."spans"."name" IS 'The function or step.';

COMMENT ON COLUMN "agensight"."spans"."output" IS 'Result. Null for LLM calls: their messages are in completions.';

COMMENT ON COLUMN "agensight"."spans"."parent_id" IS 'The enclosing span; null at the root. The parent may arrive later, or never.';

COMMENT ON COLUMN "agensight"."spans"."project_id" IS 'The project whose token wrote the row.';

COMMENT ON COLUMN "agensight"."spans"."started_at" IS 'When it began, by the client''s clock.';

COMMENT ON COLUMN "agensight"."spans"."status" IS 'unset, ok or error; the strongest seen stays.';

COMMENT ON COLUMN "agensight"."spans"."trace_id" IS 'The trace it belongs to.';

COMMENT ON TABLE "agensight"."spans" IS 'One row per span: a timed step inside a trace; the root is one too. Written only by ingest().';
