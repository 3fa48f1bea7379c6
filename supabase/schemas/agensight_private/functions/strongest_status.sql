CREATE OR REPLACE FUNCTION agensight_private.strongest_status (
  a text,
  b text
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select case when 'error' in (a, b) then 'error' when 'ok' in (a, b) then 'ok' else coalesce(a, b) end
$function$;

COMMENT ON FUNCTION "agensight_private"."strongest_status"(text, text) IS 'Of two statuses the stronger: error before ok before unset.';

REVOKE ALL ON FUNCTION "agensight_private"."strongest_status"(text, text) FROM PUBLIC;
