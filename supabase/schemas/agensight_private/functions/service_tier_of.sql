CREATE OR REPLACE FUNCTION agensight_private.service_tier_of (
  attributes jsonb
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select case when tier in ('default', 'auto', 'on_demand') then 'standard' else tier end
  from (
    select lower(attributes ->> key) as tier from unnest(agensight_private.service_tier_keys()) with ordinality k(key, place)
    where attributes ->> key is not null order by place limit 1
  ) t
$function$;

COMMENT ON FUNCTION "agensight_private"."service_tier_of"(jsonb) IS 'The service tier that a span''s attributes tell; null when they do not.';

REVOKE ALL ON FUNCTION "agensight_private"."service_tier_of"(jsonb) FROM PUBLIC;
