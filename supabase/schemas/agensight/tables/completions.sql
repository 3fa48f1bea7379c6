CREATE TABLE "agensight"."completions" (
  "project_id"             uuid             NOT NULL,
  "trace_id"               text             COLLATE pg_catalog."C" NOT NULL,
  "span_id"                text             COLLATE pg_catalog."C" NOT NULL,
  "completion_index"       integer          NOT NULL,
  "role"                   text,
  "content"                text,
  "parts"                  jsonb,
  "finish_reason"          text,
  "model"                  text,
  "provider"               text,
  "response_id"            text,
  "prompt_tokens"          bigint,
  "completion_tokens"      bigint,
  "total_tokens"           bigint,
  "cached_tokens"          bigint,
  "cache_write_tokens"     bigint,
  "reasoning_tokens"       bigint,
  "time_to_first_token_ms" double precision,
  "cost"                   numeric,
  "price_id"               bigint,
  "repeat_of"              text             COLLATE pg_catalog."C",
  "own"                    jsonb,
  CONSTRAINT "completions_cache_write_tokens_check" CHECK ((cache_write_tokens >= 0)),
  CONSTRAINT "completions_cached_tokens_check" CHECK ((cached_tokens >= 0)),
  CONSTRAINT "completions_completion_index_check" CHECK ((completion_index >= 0)),
  CONSTRAINT "completions_completion_tokens_check" CHECK ((completion_tokens >= 0)),
  CONSTRAINT "completions_cost_check" CHECK ((cost >= (0)::numeric)),
  CONSTRAINT "completions_pkey" PRIMARY KEY (project_id, trace_id, span_id, completion_index),
  CONSTRAINT "completions_prompt_tokens_check" CHECK ((prompt_tokens >= 0)),
  CONSTRAINT "completions_reasoning_tokens_check" CHECK ((reasoning_tokens >= 0)),
  CONSTRAINT "completions_span_id_check" CHECK (((length(span_id) >= 1) AND (length(span_id) <= 128))),
  CONSTRAINT "completions_time_to_first_token_ms_check" CHECK ((time_to_first_token_ms >= (0)::double precision)),
  CONSTRAINT "completions_total_tokens_check" CHECK ((total_tokens >= 0)),
  CONSTRAINT "completions_trace_id_check" CHECK (((length(trace_id) >= 1) AND (length(trace_id) <= 128)))
);

ALTER TABLE "agensight"."completions"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "agensight"."completions"
  SET (autovacuum_vacuum_scale_factor=0.05);

CREATE INDEX unpriced_calls ON agensight.completions USING btree (project_id, PROVIDER, model)
  WHERE ((COST IS NULL) AND (repeat_of IS NULL) AND (total_tokens > 0));

CREATE TRIGGER calls_priced_on_insert
  AFTER INSERT ON agensight.completions REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION agensight_private.price_inserted_calls();

CREATE TRIGGER calls_priced_on_update
  AFTER UPDATE ON agensight.completions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION agensight_private.price_changed_calls();

CREATE TRIGGER queued_on_insert AFTER INSERT ON agensight.completions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (
  (COALESCE(current_setting('agensight.trace_changes'::text, true), ''::text) = ''::text)
) EXECUTE FUNCTION agensight_private.queue_changed_traces();

CREATE TRIGGER queued_on_update AFTER UPDATE ON agensight.completions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (
  (COALESCE(current_setting('agensight.trace_changes'::text, true), ''::text) = ''::text)
) EXECUTE FUNCTION agensight_private.queue_changed_traces();

CREATE TRIGGER totals_kept_on_delete
  AFTER DELETE ON agensight.completions REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION agensight_private.sum_completions();

CREATE TRIGGER totals_kept_on_insert
  AFTER INSERT ON agensight.completions REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION agensight_private.sum_completions();

CREATE TRIGGER totals_kept_on_update
  AFTER UPDATE ON agensight.completions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION agensight_private.sum_completions();

CREATE POLICY "members read their projects' completions" ON "agensight"."completions"
  FOR SELECT
  TO "authenticated"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.my_projects() AS my_projects))));

CREATE POLICY "read tokens open their project" ON "agensight"."completions"
  FOR SELECT
  TO "anon"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.token_project() AS token_project))));

GRANT SELECT ON TABLE "agensight"."completions" TO "anon", "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "agensight"."completions" TO "service_role";

CREATE INDEX calls_by_response ON agensight.completions USING btree (agensight_private.place_key(trace_id, agensight_private.own_response_id(response_id, own)))
  WHERE ((completion_index = 0) AND (response_id IS NOT NULL));

CREATE INDEX repeats_by_call ON agensight.completions USING btree (agensight_private.place_key(trace_id, repeat_of))
  WHERE ((completion_index = 0) AND (repeat_of IS NOT NULL));

CREATE INDEX repeats_by_response ON agensight.completions USING btree (agensight_private.place_key(trace_id, agensight_private.own_response_id(response_id, own)))
  WHERE ((completion_index = 0) AND (repeat_of IS NOT NULL) AND (response_id IS NOT NULL));

COMMENT ON COLUMN "agensight"."completions"."cache_write_tokens" IS 'The part of prompt_tokens that was written to a cache.';

COMMENT ON COLUMN "agensight"."completions"."cached_tokens" IS 'The part of prompt_tokens that was read from a cache.';

COMMENT ON COLUMN "agensight"."completions"."completion_index" IS 'The choice, from 0.';

COMMENT ON COLUMN "agensight"."completions"."completion_tokens" IS 'Output tokens, reasoning included. Null when not reported.';

COMMENT ON COLUMN "agensight"."completions"."content" IS 'Its plain text; null when it has none.';

COMMENT ON COLUMN "agensight"."completions"."cost" IS 'Cost of the call in USD, by the price in price_id; on choice 0 only, as the usage is. Null when usage or price are unknown, and when repeat_of is set. Kept by the database.';

COMMENT ON COLUMN "agensight"."completions"."finish_reason" IS 'Why it ended, in the provider''s term.';

COMMENT ON COLUMN "agensight"."completions"."model" IS 'The model that answered; the requested one when the response did not name it.';

COMMENT ON COLUMN "agensight"."completions"."own" IS 'What its own span reported, where the row shows something else: the best that any span reported of the call, or no usage where it repeats another row. Null where both are the same. Kept by the database.';

COMMENT ON COLUMN "agensight"."completions"."parts" IS 'Its typed parts in order, where there is more than text: tool calls, reasoning, images.';

COMMENT ON COLUMN "agensight"."completions"."price_id" IS 'The row of prices that cost was computed with. Kept by the database.';

COMMENT ON COLUMN "agensight"."completions"."project_id" IS 'The project whose token wrote the row.';

COMMENT ON COLUMN "agensight"."completions"."prompt_tokens" IS 'Input tokens, cached and cache-written ones included, whatever the provider counts. Null when not reported.';

COMMENT ON COLUMN "agensight"."completions"."provider" IS 'Who served it, in lower case.';

COMMENT ON COLUMN "agensight"."completions"."reasoning_tokens" IS 'The part of completion_tokens that was spent on reasoning.';

COMMENT ON COLUMN "agensight"."completions"."repeat_of" IS 'Another span that reports the same call, and whose row has the usage of the call; null for a call of its own. Sums need no filter; counts of calls leave out the rows that have it. Kept by the database.';

COMMENT ON COLUMN "agensight"."completions"."response_id" IS 'The provider''s id of the answer.';

COMMENT ON COLUMN "agensight"."completions"."role" IS 'assistant, or the provider''s own term.';

COMMENT ON COLUMN "agensight"."completions"."span_id" IS 'The LLM span that received it.';

COMMENT ON COLUMN "agensight"."completions"."time_to_first_token_ms" IS 'From the request to the first streamed token, in milliseconds; null when not streamed.';

COMMENT ON COLUMN "agensight"."completions"."total_tokens" IS 'Both together.';

COMMENT ON COLUMN "agensight"."completions"."trace_id" IS 'The trace it belongs to.';

COMMENT ON TABLE "agensight"."completions" IS 'One row per choice that a model answered. Usage belongs to the call and is on choice 0 only, so sums are right. Written only by ingest().';
