CREATE TABLE "agensight"."traces" (
  "project_id"         uuid                     NOT NULL,
  "id"                 text                     COLLATE pg_catalog."C" NOT NULL,
  "session_id"         text                     COLLATE pg_catalog."C",
  "user_id"            text,
  "name"               text,
  "service_name"       text,
  "release"            text,
  "mode"               text,
  "started_at"         timestamp with time zone,
  "ended_at"           timestamp with time zone,
  "status"             text,
  "error"              jsonb,
  "input"              jsonb,
  "output"             jsonb,
  "tags"               text[],
  "metadata"           jsonb,
  "received_at"        timestamp with time zone NOT NULL DEFAULT now(),
  "span_count"         integer                  NOT NULL DEFAULT 0,
  "error_count"        integer                  NOT NULL DEFAULT 0,
  "llm_call_count"     integer                  NOT NULL DEFAULT 0,
  "prompt_tokens"      bigint                   NOT NULL DEFAULT 0,
  "completion_tokens"  bigint                   NOT NULL DEFAULT 0,
  "total_tokens"       bigint                   NOT NULL DEFAULT 0,
  "cached_tokens"      bigint                   NOT NULL DEFAULT 0,
  "cache_write_tokens" bigint                   NOT NULL DEFAULT 0,
  "reasoning_tokens"   bigint                   NOT NULL DEFAULT 0,
  "total_cost"         numeric                  NOT NULL DEFAULT 0,
  "merge_state"        jsonb,
  CONSTRAINT "traces_id_check" CHECK (((length(id) >= 1) AND (length(id) <= 128))),
  CONSTRAINT "traces_mode_check" CHECK ((mode = ANY (ARRAY['dev'::text, 'prod'::text]))),
  CONSTRAINT "traces_pkey" PRIMARY KEY (project_id, id),
  CONSTRAINT "traces_status_check" CHECK ((status = ANY (ARRAY['unset'::text, 'ok'::text, 'error'::text])))
);

ALTER TABLE "agensight"."traces"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "agensight"."traces"
  SET (autovacuum_vacuum_scale_factor=0.05, fillfactor=85);

CREATE INDEX traces_by_arrival ON agensight.traces USING btree (project_id, received_at);

CREATE INDEX traces_by_session ON agensight.traces USING btree (project_id, session_id);

CREATE INDEX traces_by_start ON agensight.traces USING btree (project_id, started_at DESC);

CREATE INDEX traces_by_user ON agensight.traces USING btree (project_id, user_id, started_at DESC)
  WHERE (user_id IS NOT NULL);

CREATE TRIGGER queued_on_insert AFTER INSERT ON agensight.traces REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (
  (COALESCE(current_setting('agensight.trace_changes'::text, true), ''::text) = ''::text)
) EXECUTE FUNCTION agensight_private.queue_changed_traces();

CREATE TRIGGER queued_on_update AFTER UPDATE ON agensight.traces REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (
  (COALESCE(current_setting('agensight.trace_changes'::text, true), ''::text) = ''::text)
) EXECUTE FUNCTION agensight_private.queue_changed_traces();

CREATE TRIGGER totals_kept_on_delete
  AFTER DELETE ON agensight.traces REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION agensight_private.sum_traces();

CREATE TRIGGER totals_kept_on_insert
  AFTER INSERT ON agensight.traces REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION agensight_private.sum_traces();

CREATE TRIGGER totals_kept_on_update
  AFTER UPDATE ON agensight.traces REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION agensight_private.sum_traces();

CREATE TRIGGER traces_announced_on_insert AFTER INSERT ON agensight.traces REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (
  (to_regprocedure('realtime.send(jsonb, text, text, boolean)'::text) IS NOT NULL)
) EXECUTE FUNCTION agensight_private.announce_traces();

CREATE TRIGGER traces_announced_on_update AFTER UPDATE ON agensight.traces REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (
  (to_regprocedure('realtime.send(jsonb, text, text, boolean)'::text) IS NOT NULL)
) EXECUTE FUNCTION agensight_private.announce_traces();

CREATE POLICY "members read their projects' traces" ON "agensight"."traces"
  FOR SELECT
  TO "authenticated"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.my_projects() AS my_projects))));

CREATE POLICY "read tokens open their project" ON "agensight"."traces"
  FOR SELECT
  TO "anon"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.token_project() AS token_project))));

GRANT SELECT ON TABLE "agensight"."traces" TO "anon", "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "agensight"."traces" TO "service_role";

COMMENT ON COLUMN "agensight"."traces"."cache_write_tokens" IS 'The part of prompt_tokens that was written to a cache. Kept by triggers.';

COMMENT ON COLUMN "agensight"."traces"."cached_tokens" IS 'The part of prompt_tokens that was read from a cache. Kept by triggers.';

COMMENT ON COLUMN "agensight"."traces"."completion_tokens" IS 'Sum over its calls, each once; kept by triggers. 0 also when nothing was reported.';

COMMENT ON COLUMN "agensight"."traces"."ended_at" IS 'The latest end seen; null while nothing has ended.';

COMMENT ON COLUMN "agensight"."traces"."error" IS 'type, message and stack of the error that ended the root.';

COMMENT ON COLUMN "agensight"."traces"."error_count" IS 'Spans with status error; kept by triggers.';

COMMENT ON COLUMN "agensight"."traces"."id" IS 'W3C trace id (32 hex digits), or the client''s own id.';

COMMENT ON COLUMN "agensight"."traces"."input" IS 'What the operation was given.';

COMMENT ON COLUMN "agensight"."traces"."llm_call_count" IS 'Calls of a model, each once: its completions with index 0 that repeat no other span''s call. Kept by triggers.';

COMMENT ON COLUMN "agensight"."traces"."merge_state" IS 'For ingest(): the age of each field where they are from different messages, and the spans that name a trace without a root; null when all are from one.';

COMMENT ON COLUMN "agensight"."traces"."metadata" IS 'Other values that the application attached.';

COMMENT ON COLUMN "agensight"."traces"."mode" IS 'dev or prod, as given to init().';

COMMENT ON COLUMN "agensight"."traces"."name" IS 'The operation: that of its root; until that has arrived, of the top above its earliest span.';

COMMENT ON COLUMN "agensight"."traces"."output" IS 'What the operation returned.';

COMMENT ON COLUMN "agensight"."traces"."project_id" IS 'The project whose token wrote the row.';

COMMENT ON COLUMN "agensight"."traces"."prompt_tokens" IS 'Sum over its calls, each once; kept by triggers. 0 also when nothing was reported.';

COMMENT ON COLUMN "agensight"."traces"."reasoning_tokens" IS 'The part of completion_tokens that was spent on reasoning. Kept by triggers.';

COMMENT ON COLUMN "agensight"."traces"."received_at" IS 'When the first part of it was stored, by the database''s clock.';

COMMENT ON COLUMN "agensight"."traces"."release" IS 'The application''s version.';

COMMENT ON COLUMN "agensight"."traces"."service_name" IS 'The application, as named in init() or by service.name.';

COMMENT ON COLUMN "agensight"."traces"."session_id" IS 'The session it belongs to; null for none.';

COMMENT ON COLUMN "agensight"."traces"."span_count" IS 'Spans stored; kept by triggers.';

COMMENT ON COLUMN "agensight"."traces"."started_at" IS 'The earliest moment seen, by the client''s clock.';

COMMENT ON COLUMN "agensight"."traces"."status" IS 'unset, ok or error, of the root; the strongest seen stays.';

COMMENT ON COLUMN "agensight"."traces"."tags" IS 'Short texts to filter by.';

COMMENT ON COLUMN "agensight"."traces"."total_cost" IS 'Sum of the costs of its calls in USD; calls without a known price add nothing (see unpriced_models). Kept by triggers.';

COMMENT ON COLUMN "agensight"."traces"."total_tokens" IS 'Sum over its calls, each once; kept by triggers. 0 also when nothing was reported.';

COMMENT ON COLUMN "agensight"."traces"."user_id" IS 'The application''s id of the end user; null when unknown.';

COMMENT ON TABLE "agensight"."traces" IS 'One row per trace: one run of a top-level operation. Made as soon as any part of it arrives; written only by ingest().';
