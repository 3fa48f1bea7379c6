CREATE TABLE "agensight"."sessions" (
  "project_id"         uuid                     NOT NULL,
  "id"                 text                     COLLATE pg_catalog."C" NOT NULL,
  "name"               text,
  "user_id"            text,
  "metadata"           jsonb,
  "mode"               text,
  "started_at"         timestamp with time zone,
  "ended_at"           timestamp with time zone,
  "received_at"        timestamp with time zone NOT NULL DEFAULT now(),
  "trace_count"        integer                  NOT NULL DEFAULT 0,
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
  CONSTRAINT "sessions_id_check" CHECK (((length(id) >= 1) AND (length(id) <= 128))),
  CONSTRAINT "sessions_mode_check" CHECK ((mode = ANY (ARRAY['dev'::text, 'prod'::text]))),
  CONSTRAINT "sessions_pkey" PRIMARY KEY (project_id, id)
);

ALTER TABLE "agensight"."sessions"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "agensight"."sessions"
  SET (fillfactor=85);

CREATE INDEX sessions_by_arrival ON agensight.sessions USING btree (project_id, received_at);

CREATE INDEX sessions_by_start ON agensight.sessions USING btree (project_id, started_at DESC);

CREATE INDEX sessions_by_user ON agensight.sessions USING btree (project_id, user_id, started_at DESC)
  WHERE (user_id IS NOT NULL);

CREATE TRIGGER queued_on_update
  AFTER UPDATE ON agensight.sessions
  FOR EACH ROW
  WHEN (((old.user_id IS DISTINCT FROM new.user_id) OR (old.metadata IS DISTINCT FROM new.metadata)))
  EXECUTE FUNCTION agensight_private.queue_session_traces();

CREATE POLICY "members read their projects' sessions" ON "agensight"."sessions"
  FOR SELECT
  TO "authenticated"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.my_projects() AS my_projects))));

CREATE POLICY "read tokens open their project" ON "agensight"."sessions"
  FOR SELECT
  TO "anon"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.token_project() AS token_project))));

GRANT SELECT ON TABLE "agensight"."sessions" TO "anon", "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "agensight"."sessions" TO "service_role";

COMMENT ON COLUMN "agensight"."sessions"."cache_write_tokens" IS 'The part of prompt_tokens that was written to a cache.';

COMMENT ON COLUMN "agensight"."sessions"."cached_tokens" IS 'The part of prompt_tokens that was read from a cache.';

COMMENT ON COLUMN "agensight"."sessions"."completion_tokens" IS 'Sum over its traces. 0 also when nothing was reported.';

COMMENT ON COLUMN "agensight"."sessions"."ended_at" IS 'The last activity seen, by the client''s clock.';

COMMENT ON COLUMN "agensight"."sessions"."error_count" IS 'Spans of its traces with status error.';

COMMENT ON COLUMN "agensight"."sessions"."id" IS 'Chosen by the application.';

COMMENT ON COLUMN "agensight"."sessions"."llm_call_count" IS 'Calls of a model in its traces, each once.';

COMMENT ON COLUMN "agensight"."sessions"."merge_state" IS 'For ingest(): the age of each field where they are from different messages; null when all are from one.';

COMMENT ON COLUMN "agensight"."sessions"."metadata" IS 'Other values that the application attached.';

COMMENT ON COLUMN "agensight"."sessions"."mode" IS 'dev or prod, as given to init().';

COMMENT ON COLUMN "agensight"."sessions"."name" IS 'Display name given by the application; null when it gave none.';

COMMENT ON COLUMN "agensight"."sessions"."project_id" IS 'The project whose token wrote the row.';

COMMENT ON COLUMN "agensight"."sessions"."prompt_tokens" IS 'Sum over its traces. 0 also when nothing was reported.';

COMMENT ON COLUMN "agensight"."sessions"."reasoning_tokens" IS 'The part of completion_tokens that was spent on reasoning.';

COMMENT ON COLUMN "agensight"."sessions"."received_at" IS 'When it was first stored, by the database''s clock.';

COMMENT ON COLUMN "agensight"."sessions"."span_count" IS 'Spans of its traces.';

COMMENT ON COLUMN "agensight"."sessions"."started_at" IS 'The earliest moment seen, by the client''s clock.';

COMMENT ON COLUMN "agensight"."sessions"."total_cost" IS 'Sum over its traces in USD; calls without a known price add nothing (see unpriced_models).';

COMMENT ON COLUMN "agensight"."sessions"."total_tokens" IS 'Sum over its traces. 0 also when nothing was reported.';

COMMENT ON COLUMN "agensight"."sessions"."trace_count" IS 'Traces that name it; kept by triggers, as all its totals are.';

COMMENT ON COLUMN "agensight"."sessions"."user_id" IS 'The application''s id of the end user; null when unknown.';

COMMENT ON TABLE "agensight"."sessions" IS 'One row per session: the traces of one conversation or workflow. Written only by ingest().';
