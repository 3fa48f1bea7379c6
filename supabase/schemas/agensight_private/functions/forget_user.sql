CREATE OR REPLACE FUNCTION agensight_private.forget_user (
  forgotten text,
  project   uuid
)
  RETURNS TABLE (
    id         uuid,
    project_id uuid,
    done       boolean,
    deleted    jsonb
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET lock_timeout TO '1s'
  AS $function$
declare
  deadline constant timestamptz := clock_timestamp() + interval '2 seconds';
  target uuid;
  request uuid;
begin
  if coalesce(forgotten, '') = '' then
    raise exception 'The user_id is missing: give the one that the traces have.' using errcode = 'PT400';
  end if;
  if project is not null then
    perform agensight_private.require_owner(project);
  end if;
  for target in
    select p.id from agensight.projects p
    where p.deleted_at is null and (p.id = project or (project is null
      and (agensight_private.is_operator() or p.id in (select agensight_private.my_owned_projects()))))
    order by p.id
  loop
    insert into agensight_private.erasures as e (project_id, user_id, user_hash, requested_by)
    values (target, forgotten, encode(sha256(convert_to(forgotten, 'utf8')), 'hex'), auth.uid())
    returning e.id into request;
    perform agensight_private.run_erasure(request, deadline, '{}');
    return query select e.id, e.project_id, e.finished_at is not null, e.deleted from agensight_private.erasures e where e.id = request;
  end loop;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."forget_user"(text, uuid) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."forget_user"(text, uuid) IS 'The inner step of agensight.forget_user(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."forget_user"(text, uuid) FROM PUBLIC;
