CREATE OR REPLACE FUNCTION agensight.rotate_token (
  token_id uuid,
  overlap  interval DEFAULT '1 day'::interval
)
  RETURNS TABLE (
    id         uuid,
    token      text,
    prefix     text,
    expires_at timestamp with time zone
  )
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select * from agensight_private.rotate_token(token_id, overlap) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."rotate_token"(uuid, interval) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."rotate_token"(uuid, interval) IS 'Makes a successor with the same name, scopes and expiry; the old token stays valid for the overlap.';

REVOKE ALL ON FUNCTION "agensight"."rotate_token"(uuid, interval) FROM PUBLIC;
