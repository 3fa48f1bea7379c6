CREATE OR REPLACE FUNCTION agensight.rename_project (
  project_id uuid,
  name       text
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select agensight_private.rename_project($1, $2) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."rename_project"(uuid, text) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."rename_project"(uuid, text) IS 'Gives a project another name, of 1 to 200 characters. For owners, admins and the service role.';

REVOKE ALL ON FUNCTION "agensight"."rename_project"(uuid, text) FROM PUBLIC;
