CREATE TYPE "agensight_private"."change" AS (
  "project_id"         uuid,
  "id"                 text                     COLLATE pg_catalog."C",
  "started_at"         timestamp WITH time zone,
  "ended_at"           timestamp WITH time zone,
  "trace_count"        bigint,
  "span_count"         bigint,
  "error_count"        bigint,
  "llm_call_count"     bigint,
  "prompt_tokens"      bigint,
  "completion_tokens"  bigint,
  "total_tokens"       bigint,
  "cached_tokens"      bigint,
  "cache_write_tokens" bigint,
  "reasoning_tokens"   bigint,
  "total_cost"         numeric
);

COMMENT ON TYPE "agensight_private"."change" IS 'By how much the totals of a trace or session change, and the times that it must reach; null for what does not change.';
