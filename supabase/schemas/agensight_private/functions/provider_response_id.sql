CREATE OR REPLACE FUNCTION agensight_private.provider_response_id (
  response_id text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$ begin return case
  when response_id !~ '^(run-|lc_run-|__fake_id__|msg_fake|adk-)' then response_id
end; end $function$;

COMMENT ON FUNCTION "agensight_private"."provider_response_id"(text) IS 'The id of a response if a provider generated it; null for one that a framework made up.';

REVOKE ALL ON FUNCTION "agensight_private"."provider_response_id"(text) FROM PUBLIC;
