CREATE OR REPLACE FUNCTION agensight_private.set_member_role (
  project  uuid,
  member   uuid,
  new_role text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform agensight_private.require_owner(project);
  perform agensight_private.lock_active_project(project);
  if new_role is distinct from 'owner' and exists (
      select from agensight.project_members m
      where m.project_id = project and m.user_id = member and m.role = 'owner') then
    perform agensight_private.require_another_owner(project, member);
  end if;
  update agensight.project_members m set role = new_role where m.project_id = project and m.user_id = member;
  if not found then
    raise exception 'There is no such member.' using errcode = 'PT404', hint = 'Invite them with create_invitation().';
  end if;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."set_member_role"(uuid, uuid, text) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."set_member_role"(uuid, uuid, text) IS 'The inner step of agensight.set_member_role(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."set_member_role"(uuid, uuid, text) FROM PUBLIC;
