CREATE TYPE "agensight_private"."change" AS (
  "project_id"         uuid,
  "id"                 text                     COLLATE pg_catalog."C",
  "started_at"         timestamp WITH time zone,
  "ended_at"           timestamp WITH time zone,
  "trace_count"        numeric,
  "cache_write_tokens" numeric,
  "cached_tokens"      numeric,
  "completion_tokens"  numeric,
  "error_count"        numeric,
  "llm_call_count"     numeric,
  "prompt_tokens"      numeric,
  "reasoning_tokens"   numeric,
  "span_count"         numeric,
  "total_cost"         numeric,
  "total_tokens"       numeric
);

COMMENT ON TYPE "agensight_private"."change" IS 'By how much the totals of a trace or session change, and the times that it must reach; null for what does not change.';
