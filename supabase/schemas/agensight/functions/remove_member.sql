CREATE OR REPLACE FUNCTION agensight.remove_member (
  project_id uuid,
  user_id    uuid
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select agensight_private.remove_member($1, $2) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."remove_member"(uuid, uuid) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."remove_member"(uuid, uuid) IS 'Ends a membership: an owner may remove any member, and every member may leave. Raises PT409 for the last owner. Tokens that the member created stay valid; revoke_token() ends them.';

REVOKE ALL ON FUNCTION "agensight"."remove_member"(uuid, uuid) FROM PUBLIC;
