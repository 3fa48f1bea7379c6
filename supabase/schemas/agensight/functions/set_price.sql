CREATE OR REPLACE FUNCTION agensight.set_price (
  project_id              uuid,
  model_pattern           text,
  input_per_million       numeric,
  output_per_million      numeric,
  cached_per_million      numeric                  DEFAULT NULL::numeric,
  cache_write_per_million numeric                  DEFAULT NULL::numeric,
  provider                text                     DEFAULT NULL::text,
  service_tier            text                     DEFAULT 'standard'::text,
  above_prompt_tokens     bigint                   DEFAULT 0,
  valid_from              timestamp with time zone DEFAULT '-infinity'::timestamp WITH time zone
)
  RETURNS bigint
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select agensight_private.set_price($1, $2, $7, $8, $9, $10, $3, $4, $5, $6) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."set_price"(uuid, text, numeric, numeric, numeric, numeric, text, text, bigint, timestamp WITH time zone) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."set_price"(uuid, text, numeric, numeric, numeric, numeric, text, text, bigint, timestamp with time zone) IS 'A project''s own price for the models that match a LIKE pattern, in USD per million tokens; it overrides the list from valid_from on. Without a provider it holds for any provider. Calls that are stored keep their cost until reprice(). Returns the id of the price. For owners, admins and the service role; raises PT403.';

REVOKE ALL ON FUNCTION "agensight"."set_price"(uuid, text, numeric, numeric, numeric, numeric, text, text, bigint, timestamp WITH time zone) FROM PUBLIC;
