CREATE OR REPLACE FUNCTION agensight_private.is_operator()
  RETURNS boolean
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select current_setting('role', true) in ('service_role', 'none') $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."is_operator"() TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."is_operator"() IS 'True for the service role and for a direct connection. The API always switches role, so "none" is the owner at a SQL prompt; unlike current_user this holds inside definer functions too.';

REVOKE ALL ON FUNCTION "agensight_private"."is_operator"() FROM PUBLIC;
