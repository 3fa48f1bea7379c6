CREATE OR REPLACE FUNCTION agensight_private.my_topics()
  RETURNS SETOF text
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$ select 'project:' || project_id from agensight.project_members where user_id = (select auth.uid()) $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."my_topics"() TO "authenticated";

COMMENT ON FUNCTION "agensight_private"."my_topics"() IS 'The topics that the signed-in user may join: one per project.';

REVOKE ALL ON FUNCTION "agensight_private"."my_topics"() FROM PUBLIC;
