CREATE OR REPLACE FUNCTION agensight_private.python_value (
  token text
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select 'agp_' || encode(sha256(convert_to('agensight-python-sdk:' || token, 'utf8')), 'hex') $function$;

COMMENT ON FUNCTION "agensight_private"."python_value"(text) IS 'What the ingest function answers the original Python SDK in place of its token, since that SDK prints the answer: the token cannot be computed from it.';

REVOKE ALL ON FUNCTION "agensight_private"."python_value"(text) FROM PUBLIC;
