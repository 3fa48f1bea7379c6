CREATE OR REPLACE FUNCTION agensight.ingest (
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
  return agensight_private.store_batch((agensight_private.find_token(token_hash, 'ingest')).project_id, batch, null);
end $function$;

GRANT EXECUTE ON FUNCTION "agensight"."ingest"(text, jsonb) TO "service_role";

COMMENT ON FUNCTION "agensight"."ingest"(text, jsonb) IS 'Stores a batch of records in the project of a token (lower-case hexadecimal SHA-256), in one transaction; a batch_id seen before changes nothing. Returns batch_id, rows accepted per table, and whether it was a repeat. Raises PT401, PT403 or PT400. For the ingest function alone.';

REVOKE ALL ON FUNCTION "agensight"."ingest"(text, jsonb) FROM PUBLIC;
