CREATE OR REPLACE FUNCTION agensight_private.my_managed_projects()
  RETURNS SETOF uuid
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select project_id from agensight.project_members
  where user_id = (select auth.uid()) and role in ('owner', 'admin')
$function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."my_managed_projects"() TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."my_managed_projects"() IS 'Projects in which the signed-in user is owner or admin.';

REVOKE ALL ON FUNCTION "agensight_private"."my_managed_projects"() FROM PUBLIC;
