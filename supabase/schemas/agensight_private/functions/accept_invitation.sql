CREATE OR REPLACE FUNCTION agensight_private.accept_invitation (
  invitation_code text
)
  RETURNS TABLE (
    project_id uuid,
    role       text
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  ranks constant text[] := array['viewer', 'admin', 'owner'];
  me auth.users;
  taken agensight_private.invitations;
begin
  select * into me from auth.users u where u.id = auth.uid();
  if me.id is null then
    raise exception 'Sign in to accept an invitation.' using errcode = 'PT401';
  end if;
  -- An unconfirmed address proves nothing; where Auth confirms none, that column is not set.
  update agensight_private.invitations i set accepted_by = me.id, accepted_at = now()
  where i.hash = sha256(convert_to(invitation_code, 'utf8'))
    and i.accepted_at is null and i.expires_at > now()
    and (i.email is null or (i.email = lower(me.email)
      and not (to_jsonb(me) ? 'email_confirmed_at' and to_jsonb(me) ->> 'email_confirmed_at' is null)))
  returning * into taken;
  if taken.id is null then
    raise exception 'This invitation is not valid.' using errcode = 'PT404',
      hint = 'It may have expired, been accepted, or be for another e-mail address. Ask for a new one.';
  end if;
  perform agensight_private.lock_active_project(taken.project_id);
  return query
    insert into agensight.project_members as m (project_id, user_id, role)
    values (taken.project_id, me.id, taken.role)
    on conflict on constraint project_members_pkey do update
    -- Accepting never lowers a role.
    set role = ranks[greatest(array_position(ranks, m.role), array_position(ranks, excluded.role))]
    returning m.project_id, m.role;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."accept_invitation"(text) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."accept_invitation"(text) IS 'The inner step of agensight.accept_invitation(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."accept_invitation"(text) FROM PUBLIC;
