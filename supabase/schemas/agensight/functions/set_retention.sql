CREATE OR REPLACE FUNCTION agensight.set_retention (
  project_id uuid,
  days       integer
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select agensight_private.set_retention(project_id, days) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."set_retention"(uuid, integer) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."set_retention"(uuid, integer) IS 'Sets for how many days (1 to 36500) a project keeps its traces, counted from when they were received; null forever. For owners, admins and the service role.';

REVOKE ALL ON FUNCTION "agensight"."set_retention"(uuid, integer) FROM PUBLIC;
