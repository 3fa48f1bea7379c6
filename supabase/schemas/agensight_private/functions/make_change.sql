CREATE OR REPLACE FUNCTION agensight_private.make_change (
  project_id         uuid,
  id                 text,
  started_at         timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  ended_at           timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  trace_count        numeric                  DEFAULT NULL::numeric,
  span_count         numeric                  DEFAULT NULL::numeric,
  error_count        numeric                  DEFAULT NULL::numeric,
  llm_call_count     numeric                  DEFAULT NULL::numeric,
  prompt_tokens      numeric                  DEFAULT NULL::numeric,
  completion_tokens  numeric                  DEFAULT NULL::numeric,
  total_tokens       numeric                  DEFAULT NULL::numeric,
  cached_tokens      numeric                  DEFAULT NULL::numeric,
  cache_write_tokens numeric                  DEFAULT NULL::numeric,
  reasoning_tokens   numeric                  DEFAULT NULL::numeric,
  total_cost         numeric                  DEFAULT NULL::numeric
)
  RETURNS agensight_private.change
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return row(
    project_id, id, started_at, ended_at, trace_count, span_count, error_count, llm_call_count, prompt_tokens,
    completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, total_cost)::agensight_private.change;
end $function$;

COMMENT ON FUNCTION "agensight_private"."make_change"(uuid, text, timestamp with time zone, timestamp
  with time zone, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric) IS 'A change from named values: the only place that builds one by position. A test compares the arguments with the type.';

REVOKE ALL
  ON FUNCTION "agensight_private"."make_change"(uuid, text, timestamp WITH time zone, timestamp
    WITH time zone, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric)
  FROM PUBLIC;
