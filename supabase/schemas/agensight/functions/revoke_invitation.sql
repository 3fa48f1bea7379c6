CREATE OR REPLACE FUNCTION agensight.revoke_invitation (
  invitation_id uuid
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select agensight_private.revoke_invitation($1) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."revoke_invitation"(uuid) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."revoke_invitation"(uuid) IS 'Revokes an open invitation. One that was accepted stays on record. For owners and the service role.';

REVOKE ALL ON FUNCTION "agensight"."revoke_invitation"(uuid) FROM PUBLIC;
