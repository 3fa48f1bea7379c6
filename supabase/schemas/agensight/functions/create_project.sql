CREATE OR REPLACE FUNCTION agensight.create_project (
  project_name text
)
  RETURNS agensight.projects
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select agensight_private.create_project(project_name) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."create_project"(text) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."create_project"(text) IS 'Makes a project. A signed-in user becomes its owner, of 100 projects at most; the service role makes one without members.';

REVOKE ALL ON FUNCTION "agensight"."create_project"(text) FROM PUBLIC;
