CREATE OR REPLACE FUNCTION agensight_private.differing_totals (
  stored  jsonb,
  counted jsonb
)
  RETURNS TABLE (
    field         text,
    stored_value  text,
    counted_value text
  )
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select k.key, stored ->> k.key, k.value
  from jsonb_each_text(counted) k
  where (stored ->> k.key)::numeric is distinct from k.value::numeric
$function$;

COMMENT ON FUNCTION "agensight_private"."differing_totals"(jsonb, jsonb) IS 'The totals in a row that differ from what was counted.';

REVOKE ALL ON FUNCTION "agensight_private"."differing_totals"(jsonb, jsonb) FROM PUBLIC;
