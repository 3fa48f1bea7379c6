CREATE OR REPLACE FUNCTION agensight.ingest_by_span (
  token_hash text,
  batch      jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
begin
  return agensight_private.store_batch_by_span((agensight_private.find_token(token_hash, 'ingest')).project_id, batch, null);
end $function$;

GRANT EXECUTE ON FUNCTION "agensight"."ingest_by_span"(text, jsonb) TO "service_role";

COMMENT ON FUNCTION "agensight"."ingest_by_span"(text, jsonb) IS 'ingest() for clients whose prompts, completions and tools name only a span, a UUID: their trace_id is "span:<span_id>", and they are moved to the span''s trace whichever arrives first. For the ingest function alone.';

REVOKE ALL ON FUNCTION "agensight"."ingest_by_span"(text, jsonb) FROM PUBLIC;
