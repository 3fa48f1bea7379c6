CREATE OR REPLACE FUNCTION agensight_private.replace_trace_ids (
  records jsonb,
  homes   jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(record || jsonb_build_object(
    'trace_id', coalesce(homes -> (record ->> 'trace_id'), record -> 'trace_id'))), '[]')
  from jsonb_array_elements(records) record
$function$;

COMMENT ON FUNCTION "agensight_private"."replace_trace_ids"(jsonb, jsonb) IS 'Records with the real trace in place of the waiting one, where it is known.';

REVOKE ALL ON FUNCTION "agensight_private"."replace_trace_ids"(jsonb, jsonb) FROM PUBLIC;
