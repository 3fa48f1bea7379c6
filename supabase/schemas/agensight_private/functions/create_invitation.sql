CREATE OR REPLACE FUNCTION agensight_private.create_invitation (
  project   uuid,
  new_role  text,
  for_email text,
  valid_for interval
)
  RETURNS TABLE (
    id         uuid,
    code       text,
    role       text,
    email      text,
    expires_at timestamp with time zone
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  most   constant integer := 1000;
  secret constant text := 'agi_' || encode(sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
begin
  perform agensight_private.require_owner(project);
  perform agensight_private.lock_active_project(project);
  if coalesce(valid_for not between '1 minute' and '30 days', true) then
    raise exception 'An invitation is valid for a minute to 30 days.' using errcode = 'PT400';
  end if;
  if (select count(*) from agensight_private.invitations i where i.project_id = project) >= most then
    raise exception 'The project has % invitations, which is the most.', most
      using errcode = 'PT409', hint = 'Revoke some with revoke_invitation().';
  end if;
  return query
    insert into agensight_private.invitations as i (project_id, hash, role, email, created_by, expires_at)
    values (project, sha256(convert_to(secret, 'utf8')), new_role, lower(for_email), auth.uid(), now() + valid_for)
    returning i.id, secret, i.role, i.email, i.expires_at;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."create_invitation"(uuid, text, text, interval) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."create_invitation"(uuid, text, text, interval) IS 'The inner step of agensight.create_invitation(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."create_invitation"(uuid, text, text, interval) FROM PUBLIC;
