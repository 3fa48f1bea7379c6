CREATE OR REPLACE FUNCTION agensight_private.replace_trace_ids (
  records   jsonb,
  trace_ids jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(record || jsonb_build_object(
    'trace_id', coalesce(trace_ids -> (record ->> 'trace_id'), record -> 'trace_id'))), '[]')
  from jsonb_array_elements(records) record
$function$;

COMMENT ON FUNCTION "agensight_private"."replace_trace_ids"(jsonb, jsonb) IS 'Records with their trace in place of the pending one, where it is known.';

REVOKE ALL ON FUNCTION "agensight_private"."replace_trace_ids"(jsonb, jsonb) FROM PUBLIC;
