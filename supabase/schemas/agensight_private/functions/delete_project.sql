CREATE OR REPLACE FUNCTION agensight_private.delete_project (
  project uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform agensight_private.require_owner(project);
  update agensight.projects set deleted_at = now() where id = project and deleted_at is null;
  update agensight_private.tokens t set revoked_at = now()
  where t.project_id = project and coalesce(t.revoked_at > now(), true);
  delete from agensight_private.invitations i where i.project_id = project;
  delete from agensight.project_members m where m.project_id = project;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."delete_project"(uuid) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."delete_project"(uuid) IS 'The inner step of agensight.delete_project(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."delete_project"(uuid) FROM PUBLIC;
