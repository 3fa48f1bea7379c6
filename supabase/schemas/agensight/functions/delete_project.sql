CREATE OR REPLACE FUNCTION agensight.delete_project (
  project_id uuid
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select agensight_private.delete_project($1) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."delete_project"(uuid) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."delete_project"(uuid) IS 'Deletes a project: its tokens stop working and all memberships end at once; maintain() then deletes its rows. Cannot be undone. For owners and the service role.';

REVOKE ALL ON FUNCTION "agensight"."delete_project"(uuid) FROM PUBLIC;
