CREATE OR REPLACE FUNCTION agensight.set_member_role (
  project_id uuid,
  user_id    uuid,
  role       text
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select agensight_private.set_member_role($1, $2, $3) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."set_member_role"(uuid, uuid, text) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."set_member_role"(uuid, uuid, text) IS 'Makes a member viewer, admin or owner. Raises PT409 for the last owner. For owners and the service role.';

REVOKE ALL ON FUNCTION "agensight"."set_member_role"(uuid, uuid, text) FROM PUBLIC;
