CREATE OR REPLACE FUNCTION agensight_private.my_owned_projects()
  RETURNS SETOF uuid
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select project_id from agensight.project_members
  where user_id = (select auth.uid()) and role = 'owner'
$function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."my_owned_projects"() TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."my_owned_projects"() IS 'Projects in which the signed-in user is owner.';

REVOKE ALL ON FUNCTION "agensight_private"."my_owned_projects"() FROM PUBLIC;
