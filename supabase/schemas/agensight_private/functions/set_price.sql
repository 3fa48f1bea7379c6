CREATE OR REPLACE FUNCTION agensight_private.set_price (
  project         uuid,
  pattern         text,
  served_by       text,
  tier            text,
  above           bigint,
  since           timestamp with time zone,
  input_usd       numeric,
  output_usd      numeric,
  cached_usd      numeric,
  cache_write_usd numeric
)
  RETURNS bigint
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform agensight_private.require_manager(project);
  perform agensight_private.add_prices(jsonb_build_array(jsonb_build_object(
    'project_id', project, 'provider', nullif(lower(trim(served_by)), ''), 'model_patterns', jsonb_build_array(lower(trim(pattern))),
    'service_tier', lower(tier), 'above_prompt_tokens', above, 'valid_from', since,
    'input_price', input_usd / 1000000, 'output_price', output_usd / 1000000, 'cached_price', cached_usd / 1000000,
    'cache_write_price', cache_write_usd / 1000000, 'source', 'set_price()', 'source_date', current_date)));
  return (
    select max(id) from agensight.prices p
    where p.project_id = project and p.model_patterns = array[lower(trim(pattern))] and p.service_tier = lower(tier)
      and p.provider is not distinct from nullif(lower(trim(served_by)), '') and p.above_prompt_tokens = above and p.valid_from = since);
end $function$;

GRANT EXECUTE
  ON FUNCTION "agensight_private"."set_price"(uuid, text, text, text, bigint, timestamp WITH time zone, numeric, numeric, numeric, numeric)
  TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."set_price"(uuid, text, text, text, bigint, timestamp with time zone, numeric, numeric, numeric, numeric) IS 'The inner step of agensight.set_price().';

REVOKE ALL ON FUNCTION "agensight_private"."set_price"(uuid, text, text, text, bigint, timestamp WITH time zone, numeric, numeric, numeric, numeric) FROM PUBLIC;
