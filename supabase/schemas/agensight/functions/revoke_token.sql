CREATE OR REPLACE FUNCTION agensight.revoke_token (
  token_id uuid
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select agensight_private.revoke_token(token_id, now()) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."revoke_token"(uuid) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."revoke_token"(uuid) IS 'Revokes a token at once in the database; a warm ingest function notices when it next writes. Repeating it changes nothing.';

REVOKE ALL ON FUNCTION "agensight"."revoke_token"(uuid) FROM PUBLIC;
