CREATE OR REPLACE FUNCTION agensight_private.service_tier_keys()
  RETURNS text[]
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select array[
    'openai.response.service_tier', 'gen_ai.openai.response.service_tier', 'gen_ai.response.service_tier',
    'openai.request.service_tier', 'gen_ai.openai.request.service_tier', 'gen_ai.request.service_tier']
$function$;

COMMENT ON FUNCTION "agensight_private"."service_tier_keys"() IS 'The attributes that may hold the service tier of a span, the best first.';

REVOKE ALL ON FUNCTION "agensight_private"."service_tier_keys"() FROM PUBLIC;
