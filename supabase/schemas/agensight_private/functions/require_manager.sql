CREATE OR REPLACE FUNCTION agensight_private.require_manager (
  project uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if agensight_private.is_operator() or project in (select agensight_private.my_managed_projects()) then
    return;
  end if;
  raise exception 'You do not manage this project.'
    using errcode = 'PT403', hint = 'Ask an owner of the project for the role admin.';
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."require_manager"(uuid) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."require_manager"(uuid) IS 'Raises PT403 unless the caller may manage the project. The same answer for a project that does not exist.';

REVOKE ALL ON FUNCTION "agensight_private"."require_manager"(uuid) FROM PUBLIC;
