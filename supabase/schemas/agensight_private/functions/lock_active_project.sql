CREATE OR REPLACE FUNCTION agensight_private.lock_active_project (
  project uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform from agensight.projects p where p.id = project and p.deleted_at is null for no key update;
  if not found then
    raise exception 'There is no such project.' using errcode = 'PT404';
  end if;
end $function$;

COMMENT ON FUNCTION "agensight_private"."lock_active_project"(uuid) IS 'Serializes changes to a project''s members; writers of records do not wait for it. Raises PT404 when there is no such active project.';

REVOKE ALL ON FUNCTION "agensight_private"."lock_active_project"(uuid) FROM PUBLIC;
