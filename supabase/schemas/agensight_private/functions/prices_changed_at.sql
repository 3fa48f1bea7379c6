CREATE OR REPLACE FUNCTION agensight_private.prices_changed_at()
  RETURNS timestamp WITH time zone
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return greatest(
    (select max(p.valid_from) from agensight.prices p where p.valid_from <= now()),
    (select max(p.valid_until) from agensight.prices p where p.valid_until <= now()));
end $function$;

COMMENT ON FUNCTION "agensight_private"."prices_changed_at"() IS 'When a price last changed: calls that began since then are priced by the prices of today.';

REVOKE ALL ON FUNCTION "agensight_private"."prices_changed_at"() FROM PUBLIC;
