CREATE OR REPLACE FUNCTION agensight_private.my_projects()
  RETURNS SETOF uuid
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$ select project_id from agensight.project_members where user_id = (select auth.uid()) $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."my_projects"() TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."my_projects"() IS 'Projects the signed-in user belongs to. Definer rights, because a policy on the membership table itself needs the answer.';

REVOKE ALL ON FUNCTION "agensight_private"."my_projects"() FROM PUBLIC;
