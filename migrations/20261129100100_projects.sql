-- Projects, members and invitations.
--
--   viewer  reads the project's records
--   admin   also manages tokens, prices, the name and the retention
--   owner   also manages members and invitations, and may delete the project
--
-- The API's functions run with the rights of their caller over inner steps in agensight_private. A
-- project of others and a project that does not exist get the same answer.

-- Projects -----------------------------------------------------------------------------------------

create function agensight_private.create_project(project_name text) returns agensight.projects
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  most constant integer := 100;
  made agensight.projects;
begin
  if not agensight_private.is_operator() then
    if auth.uid() is null then
      raise exception 'Sign in to create a project.' using errcode = 'PT401';
    end if;
    -- One at a time for one user, or the count would miss concurrent calls.
    perform pg_advisory_xact_lock(hashtextextended('create_project ' || auth.uid(), 0));
    if (select count(*) from agensight_private.my_owned_projects()) >= most then
      raise exception 'You own % projects, which is the most.', most
        using errcode = 'PT409', hint = 'Delete one with delete_project(), or ask the operator.';
    end if;
  end if;
  insert into agensight.projects (name) values (project_name) returning * into made;
  if auth.uid() is not null then
    insert into agensight.project_members (project_id, user_id, role) values (made.id, auth.uid(), 'owner');
  end if;
  return made;
end $$;
comment on function agensight_private.create_project(text) is 'The inner step of agensight.create_project(), which checks that the caller may.';

create function agensight.create_project(project_name text) returns agensight.projects
  language sql volatile security invoker set search_path = ''
as $$ select agensight_private.create_project(project_name) $$;
comment on function agensight.create_project(text) is
  'Makes a project. A signed-in user becomes its owner, of 100 projects at most; the service role makes one without members.';

create function agensight_private.rename_project(project uuid, new_name text) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform agensight_private.require_manager(project);
  update agensight.projects set name = new_name where id = project;
end $$;
comment on function agensight_private.rename_project(uuid, text) is 'The inner step of agensight.rename_project(), which checks that the caller may.';

create function agensight.rename_project(project_id uuid, name text) returns void
  language sql volatile security invoker set search_path = ''
as $$ select agensight_private.rename_project($1, $2) $$;
comment on function agensight.rename_project(uuid, text) is
  'Gives a project another name, of 1 to 200 characters. For owners, admins and the service role.';

create function agensight_private.set_retention(project uuid, days integer) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform agensight_private.require_manager(project);
  update agensight.projects set retention_days = days where id = project;
end $$;
comment on function agensight_private.set_retention(uuid, integer) is 'The inner step of agensight.set_retention().';

create function agensight.set_retention(project_id uuid, days integer) returns void
  language sql volatile security invoker set search_path = ''
as $$ select agensight_private.set_retention(project_id, days) $$;
comment on function agensight.set_retention(uuid, integer) is
  'Sets for how many days (1 to 36500) a project keeps its traces, counted from when they were received; null forever. For owners, admins and the service role.';

create function agensight_private.delete_project(project uuid) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform agensight_private.require_owner(project);
  update agensight.projects set deleted_at = now() where id = project and deleted_at is null;
  update agensight_private.tokens t set revoked_at = now()
  where t.project_id = project and coalesce(t.revoked_at > now(), true);
  delete from agensight_private.invitations i where i.project_id = project;
  delete from agensight.project_members m where m.project_id = project;
end $$;
comment on function agensight_private.delete_project(uuid) is 'The inner step of agensight.delete_project(), which checks that the caller may.';

create function agensight.delete_project(project_id uuid) returns void
  language sql volatile security invoker set search_path = ''
as $$ select agensight_private.delete_project($1) $$;
comment on function agensight.delete_project(uuid) is
  'Deletes a project: its tokens stop working and all memberships end at once; maintain() then deletes its rows. Cannot be undone. For owners and the service role.';

-- Members ------------------------------------------------------------------------------------------

create function agensight_private.lock_active_project(project uuid) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform from agensight.projects p where p.id = project and p.deleted_at is null for no key update;
  if not found then
    raise exception 'There is no such project.' using errcode = 'PT404';
  end if;
end $$;
comment on function agensight_private.lock_active_project(uuid) is
  'Serializes changes to a project''s members; writers of records do not wait for it. Raises PT404 when there is no such active project.';

create function agensight_private.require_another_owner(project uuid, besides uuid) returns void
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  if not exists (
      select from agensight.project_members m
      where m.project_id = project and m.role = 'owner' and m.user_id <> besides) then
    raise exception 'A project keeps at least one owner.'
      using errcode = 'PT409', hint = 'Make another member an owner first, or delete the project.';
  end if;
end $$;
comment on function agensight_private.require_another_owner(uuid, uuid) is 'Raises PT409 when a project has no other owner than this one.';

create function agensight_private.set_member_role(project uuid, member uuid, new_role text) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
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
end $$;
comment on function agensight_private.set_member_role(uuid, uuid, text) is 'The inner step of agensight.set_member_role(), which checks that the caller may.';

create function agensight.set_member_role(project_id uuid, user_id uuid, role text) returns void
  language sql volatile security invoker set search_path = ''
as $$ select agensight_private.set_member_role($1, $2, $3) $$;
comment on function agensight.set_member_role(uuid, uuid, text) is
  'Makes a member viewer, admin or owner. Raises PT409 for the last owner. For owners and the service role.';

create function agensight_private.remove_member(project uuid, member uuid) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
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
end $$;
comment on function agensight_private.remove_member(uuid, uuid) is 'The inner step of agensight.remove_member(), which checks that the caller may.';

create function agensight.remove_member(project_id uuid, user_id uuid) returns void
  language sql volatile security invoker set search_path = ''
as $$ select agensight_private.remove_member($1, $2) $$;
comment on function agensight.remove_member(uuid, uuid) is
  'Ends a membership: an owner may remove any member, and every member may leave. Raises PT409 for the last owner. Tokens that the member created stay valid; revoke_token() ends them.';

create function agensight_private.members(project uuid)
  returns table (user_id uuid, email text, role text, created_at timestamptz)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  if agensight_private.is_operator() or project in (select agensight_private.my_projects()) then
    return query
      select m.user_id, u.email::text, m.role, m.created_at
      from agensight.project_members m join auth.users u on u.id = m.user_id
      where m.project_id = project
      order by m.created_at, m.user_id;
  end if;
end $$;
comment on function agensight_private.members(uuid) is 'The inner step of agensight.members(), which checks that the caller may.';

create function agensight.members(project_id uuid)
  returns table (user_id uuid, email text, role text, created_at timestamptz)
  language sql stable security invoker set search_path = ''
as $$ select * from agensight_private.members($1) $$;
comment on function agensight.members(uuid) is
  'The members of a project of yours with their e-mail addresses, the earliest first; no rows for any other project.';

-- Invitations --------------------------------------------------------------------------------------

create function agensight_private.create_invitation(project uuid, new_role text, for_email text, valid_for interval)
  returns table (id uuid, code text, role text, email text, expires_at timestamptz)
  language plpgsql volatile security definer set search_path = ''
as $$
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
end $$;
comment on function agensight_private.create_invitation(uuid, text, text, interval) is 'The inner step of agensight.create_invitation(), which checks that the caller may.';

create function agensight.create_invitation(
  project_id uuid, role text default 'viewer', email text default null, valid_for interval default '7 days')
  returns table (id uuid, code text, role text, email text, expires_at timestamptz)
  language sql volatile security invoker set search_path = ''
as $$ select * from agensight_private.create_invitation($1, $2, $3, $4) $$;
comment on function agensight.create_invitation(uuid, text, text, interval) is
  'Makes an invitation and returns its code, only once: its SHA-256 is stored. It can be accepted once, within one minute to 30 days, and with an e-mail address only by the user with that address. You send the code; no e-mail is sent. For owners and the service role.';

create function agensight_private.accept_invitation(invitation_code text) returns table (project_id uuid, role text)
  language plpgsql volatile security definer set search_path = ''
as $$
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
end $$;
comment on function agensight_private.accept_invitation(text) is 'The inner step of agensight.accept_invitation(), which checks that the caller may.';

create function agensight.accept_invitation(code text) returns table (project_id uuid, role text)
  language sql volatile security invoker set search_path = ''
as $$ select * from agensight_private.accept_invitation($1) $$;
comment on function agensight.accept_invitation(text) is
  'Makes the signed-in user a member by an invitation''s code. Returns the project and the role. Raises PT404, the same for a code that is unknown, expired, accepted, revoked or for another address.';

create function agensight_private.revoke_invitation(invitation uuid) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform agensight_private.require_owner((select i.project_id from agensight_private.invitations i where i.id = invitation));
  delete from agensight_private.invitations i where i.id = invitation and i.accepted_at is null;
end $$;
comment on function agensight_private.revoke_invitation(uuid) is 'The inner step of agensight.revoke_invitation(), which checks that the caller may.';

create function agensight.revoke_invitation(invitation_id uuid) returns void
  language sql volatile security invoker set search_path = ''
as $$ select agensight_private.revoke_invitation($1) $$;
comment on function agensight.revoke_invitation(uuid) is
  'Revokes an open invitation. One that was accepted stays on record. For owners and the service role.';

create view agensight.invitations with (security_invoker = true) as
  select id, project_id, role, email, created_by, created_at, expires_at, accepted_by, accepted_at
  from agensight_private.invitations;
comment on view agensight.invitations is 'The invitations of the projects you own, without their codes.';
