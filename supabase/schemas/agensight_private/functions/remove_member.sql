CREATE OR REPLACE FUNCTION agensight_private.remove_member (
  project uuid,
  member  uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if member is distinct from auth.uid() or project not in (select agensight_private.my_projects()) then
    perform agensight_private.require_owner(project);
  end if;
  perform agensight_private.lock_active_project(project);
  if exists (
      select from agensight.project_members m
      where m.project_id = project and m.user_id = member and m.role = 'owner') then
    perform agensight_private.require_another_owner(project, member);
  end if;
  delete from agensight.project_members m where m.project_id = project and m.user_id = member;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."remove_member"(uuid, uuid) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."remove_member"(uuid, uuid) IS 'The inner step of agensight.remove_member(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."remove_member"(uuid, uuid) FROM PUBLIC;
