CREATE OR REPLACE FUNCTION agensight_private.require_another_owner (
  project uuid,
  besides uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if not exists (
      select from agensight.project_members m
      where m.project_id = project and m.role = 'owner' and m.user_id <> besides) then
    raise exception 'A project keeps at least one owner.'
      using errcode = 'PT409', hint = 'Make another member an owner first, or delete the project.';
  end if;
end $function$;

COMMENT ON FUNCTION "agensight_private"."require_another_owner"(uuid, uuid) IS 'Raises PT409 when a project has no other owner than this one.';

REVOKE ALL ON FUNCTION "agensight_private"."require_another_owner"(uuid, uuid) FROM PUBLIC;
