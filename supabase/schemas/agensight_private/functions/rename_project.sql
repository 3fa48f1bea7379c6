CREATE OR REPLACE FUNCTION agensight_private.rename_project (
  project  uuid,
  new_name text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform agensight_private.require_manager(project);
  update agensight.projects set name = new_name where id = project;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."rename_project"(uuid, text) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."rename_project"(uuid, text) IS 'The inner step of agensight.rename_project(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."rename_project"(uuid, text) FROM PUBLIC;
