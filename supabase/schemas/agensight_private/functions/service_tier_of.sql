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

COMMENT ON FUNCTION "agensight_private"."service_tier_of"(jsonb) IS 'The service tier in a span''s attributes; null when there is none.';

REVOKE ALL ON FUNCTION "agensight_private"."service_tier_of"(jsonb) FROM PUBLIC;
