CREATE OR REPLACE FUNCTION agensight.current_token()
  RETURNS jsonb
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select agensight_private.current_token() $function$;

GRANT EXECUTE ON FUNCTION "agensight"."current_token"() TO "anon";

COMMENT ON FUNCTION "agensight"."current_token"() IS 'The read token in the header x-agensight-token: token_id, project_id, name, scopes, expires_at. Sets its last use; plain reads cannot, since the API makes them in read-only transactions. Raises PT401 or PT403. For machines that only read.';

REVOKE ALL ON FUNCTION "agensight"."current_token"() FROM PUBLIC;
