CREATE OR REPLACE FUNCTION agensight_private.set_retention (
  project uuid,
  days    integer
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform agensight_private.require_manager(project);
  update agensight.projects set retention_days = days where id = project;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."set_retention"(uuid, integer) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."set_retention"(uuid, integer) IS 'The inner step of agensight.set_retention().';

REVOKE ALL ON FUNCTION "agensight_private"."set_retention"(uuid, integer) FROM PUBLIC;
