CREATE OR REPLACE FUNCTION agensight_private.own_response_id (
  response_id text,
  own         jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$ begin return agensight_private.provider_response_id(
  case when own ? 'response_id' then own ->> 'response_id' else response_id end
); end $function$;

COMMENT ON FUNCTION "agensight_private"."own_response_id"(text, jsonb) IS 'The id of a response that the own span of a completion reported, if a provider generated it.';

REVOKE ALL ON FUNCTION "agensight_private"."own_response_id"(text, jsonb) FROM PUBLIC;
