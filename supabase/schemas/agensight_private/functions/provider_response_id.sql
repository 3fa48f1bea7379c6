CREATE OR REPLACE FUNCTION agensight_private.provider_response_id (
  response_id text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$ begin return case
  when response_id !~ '^(run-|lc_run-|__fake_id__|msg_fake|adk-)|^chatcmpl-[0-9]{1,3}$' then response_id
end; end $function$;

COMMENT ON FUNCTION "agensight_private"."provider_response_id"(text) IS 'The id of a response if a provider generated it, so that no other response has it; null for one that a framework made up, and for the numbers below 1,000 that Ollama picks by chance.';

REVOKE ALL ON FUNCTION "agensight_private"."provider_response_id"(text) FROM PUBLIC;
