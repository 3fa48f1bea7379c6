CREATE OR REPLACE FUNCTION agensight.accept_invitation (
  code text
)
  RETURNS TABLE (
    project_id uuid,
    role       text
  )
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select * from agensight_private.accept_invitation($1) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."accept_invitation"(text) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."accept_invitation"(text) IS 'Makes the signed-in user a member by an invitation''s code. Returns the project and the role. Raises PT404, the same for a code that is unknown, expired, accepted, revoked or for another address.';

REVOKE ALL ON FUNCTION "agensight"."accept_invitation"(text) FROM PUBLIC;
