CREATE OR REPLACE FUNCTION agensight_private.require_owner (
  project uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if agensight_private.is_operator() or project in (select agensight_private.my_owned_projects()) then
    return;
  end if;
  raise exception 'You do not own this project.'
    using errcode = 'PT403', hint = 'Ask an owner of the project.';
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."require_owner"(uuid) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."require_owner"(uuid) IS 'Raises PT403 unless the caller owns the project. The same answer for a project that does not exist.';

REVOKE ALL ON FUNCTION "agensight_private"."require_owner"(uuid) FROM PUBLIC;
