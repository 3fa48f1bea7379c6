-- Members: who may do what in a project, and how one becomes a member.
--
--   viewer  reads the project's records
--   admin   also manages tokens, the name and the retention
--   owner   also manages members, invitations and the end of the project
--
-- Everything is done by functions of the API, which run with the rights of their caller, over inner
-- steps in the schema "private", which the API does not expose. A project that is not yours and a
-- project that does not exist get one and the same answer.

create function private.my_owned_projects() returns setof uuid
  language sql stable security definer set search_path = ''
as $$
  select project_id from public.project_members
  where user_id = (select auth.uid()) and role = 'owner'
$$;
comment on function private.my_owned_projects() is 'Projects in which the signed-in user is owner.';

create function private.require_owner(project uuid) returns void
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  if private.is_operator() or project in (select private.my_owned_projects()) then
    return;
  end if;
  raise exception 'You do not own this project.'
    using errcode = 'PT403', hint = 'Ask an owner of the project.';
end $$;
comment on function private.require_owner(uuid) is
  'Raises PT403 unless the caller owns the project. The same answer for a project that does not exist.';

create function private.lock_living_project(project uuid) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform from public.projects p where p.id = project and p.deleted_at is null for no key update;
  if not found then
    raise exception 'There is no such project.' using errcode = 'PT404';
  end if;
end $$;
comment on function private.lock_living_project(uuid) is
  'Lets one change of a project''s members happen after the other; no writer of records waits for it. Raises PT404 without such a project.';

-- Projects ---------------------------------------------------------------------------------------

create or replace function private.create_project(project_name text) returns public.projects
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  most constant integer := 100;
  made public.projects;
begin
  if not private.is_operator() then
    if auth.uid() is null then
      raise exception 'Sign in to create a project.' using errcode = 'PT401';
    end if;
    -- One at a time for one user, or the count would miss those that are being made.
    perform pg_advisory_xact_lock(hashtextextended('create_project ' || auth.uid(), 0));
    if (select count(*) from private.my_owned_projects()) >= most then
      raise exception 'You own % projects, which is the most.', most
        using errcode = 'PT409', hint = 'Delete one with delete_project(), or ask the operator.';
    end if;
  end if;
  insert into public.projects (name) values (project_name) returning * into made;
  if auth.uid() is not null then
    insert into public.project_members (project_id, user_id, role) values (made.id, auth.uid(), 'owner');
  end if;
  return made;
end $$;
comment on function public.create_project(text) is
  'Makes a project. A signed-in user becomes its owner, of 100 projects at most; the service role makes one without members.';

create function private.rename_project(project uuid, new_name text) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_manager(project);
  update public.projects set name = new_name where id = project;
end $$;

create function public.rename_project(project_id uuid, name text) returns void
  language sql volatile security invoker set search_path = ''
as $$ select private.rename_project($1, $2) $$;
comment on function public.rename_project(uuid, text) is
  'Gives a project another name, of 1 to 200 characters. For owners, admins and the service role.';

create function private.delete_project(project uuid) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_owner(project);
  update public.projects set deleted_at = now() where id = project and deleted_at is null;
  update private.tokens t set revoked_at = now()
  where t.project_id = project and coalesce(t.revoked_at > now(), true);
  delete from private.invitations i where i.project_id = project;
  delete from public.project_members m where m.project_id = project;
end $$;

create function public.delete_project(project_id uuid) returns void
  language sql volatile security invoker set search_path = ''
as $$ select private.delete_project($1) $$;
comment on function public.delete_project(uuid) is
  'Ends a project at once: its tokens stop working and nobody is a member any more. maintain() then deletes its rows. Cannot be undone. For owners and the service role.';

-- Members ----------------------------------------------------------------------------------------

create function private.require_another_owner(project uuid, besides uuid) returns void
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  if not exists (
      select from public.project_members m
      where m.project_id = project and m.role = 'owner' and m.user_id <> besides) then
    raise exception 'A project keeps at least one owner.'
      using errcode = 'PT409', hint = 'Make somebody else an owner first, or delete the project.';
  end if;
end $$;
comment on function private.require_another_owner(uuid, uuid) is 'Raises PT409 when a project has no owner but this one.';

create function private.set_member_role(project uuid, member uuid, new_role text) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_owner(project);
  perform private.lock_living_project(project);
  if new_role is distinct from 'owner' and exists (
      select from public.project_members m
      where m.project_id = project and m.user_id = member and m.role = 'owner') then
    perform private.require_another_owner(project, member);
  end if;
  update public.project_members m set role = new_role where m.project_id = project and m.user_id = member;
  if not found then
    raise exception 'There is no such member.' using errcode = 'PT404', hint = 'Invite them with create_invitation().';
  end if;
end $$;

create function public.set_member_role(project_id uuid, user_id uuid, role text) returns void
  language sql volatile security invoker set search_path = ''
as $$ select private.set_member_role($1, $2, $3) $$;
comment on function public.set_member_role(uuid, uuid, text) is
  'Makes a member viewer, admin or owner. Raises PT409 for the last owner. For owners and the service role.';

create function private.remove_member(project uuid, member uuid) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if member is distinct from auth.uid() or project not in (select private.my_projects()) then
    perform private.require_owner(project);
  end if;
  perform private.lock_living_project(project);
  if exists (
      select from public.project_members m
      where m.project_id = project and m.user_id = member and m.role = 'owner') then
    perform private.require_another_owner(project, member);
  end if;
  delete from public.project_members m where m.project_id = project and m.user_id = member;
end $$;

create function public.remove_member(project_id uuid, user_id uuid) returns void
  language sql volatile security invoker set search_path = ''
as $$ select private.remove_member($1, $2) $$;
comment on function public.remove_member(uuid, uuid) is
  'Ends a membership: an owner removes anybody, and anybody may leave. Raises PT409 for the last owner. Their tokens go on working; revoke_token() ends them.';

create function private.members(project uuid)
  returns table (user_id uuid, email text, role text, created_at timestamptz)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  if private.is_operator() or project in (select private.my_projects()) then
    return query
      select m.user_id, u.email::text, m.role, m.created_at
      from public.project_members m join auth.users u on u.id = m.user_id
      where m.project_id = project
      order by m.created_at, m.user_id;
  end if;
end $$;

create function public.members(project_id uuid)
  returns table (user_id uuid, email text, role text, created_at timestamptz)
  language sql stable security invoker set search_path = ''
as $$ select * from private.members($1) $$;
comment on function public.members(uuid) is
  'The members of a project of yours with their e-mail addresses, the earliest first; nobody for any other project.';

-- Invitations ------------------------------------------------------------------------------------

create table private.invitations (
  id          uuid        primary key default gen_random_uuid(),
  project_id  uuid        not null references public.projects (id) on delete cascade,
  hash        bytea       not null unique check (length(hash) = 32),
  role        text        not null check (role in ('owner', 'admin', 'viewer')),
  email       text        check (email = lower(email) and length(email) between 3 and 320),
  created_by  uuid        references auth.users (id) on delete set null,
  created_at  timestamptz not null default now(),
  expires_at  timestamptz not null,
  accepted_by uuid        references auth.users (id) on delete set null,
  accepted_at timestamptz
);
comment on table  private.invitations             is 'Invitations by the SHA-256 of their code; the code itself is shown once, when it is made, and kept nowhere.';
comment on column private.invitations.id          is 'Names the invitation without revealing its code.';
comment on column private.invitations.project_id  is 'The project that it leads to.';
comment on column private.invitations.hash        is 'SHA-256 of the code''s text.';
comment on column private.invitations.role        is 'What its taker becomes: viewer, admin or owner.';
comment on column private.invitations.email       is 'Who alone may take it, in lower case; null for whoever has the code.';
comment on column private.invitations.created_by  is 'The owner who made it; null when a service made it or the user is gone.';
comment on column private.invitations.created_at  is 'When it was made.';
comment on column private.invitations.expires_at  is 'When it stops being good by itself.';
comment on column private.invitations.accepted_by is 'Who took it; null while it is open or when the user is gone.';
comment on column private.invitations.accepted_at is 'When it was taken; it is good once.';
create index invitations_by_project on private.invitations (project_id);
create index invitations_by_creator on private.invitations (created_by);
create index invitations_by_taker on private.invitations (accepted_by);

create function private.create_invitation(project uuid, new_role text, for_email text, valid_for interval)
  returns table (id uuid, code text, role text, email text, expires_at timestamptz)
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  most   constant integer := 1000;
  secret constant text := 'agi_' || encode(sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
begin
  perform private.require_owner(project);
  perform private.lock_living_project(project);
  if coalesce(valid_for not between '1 minute' and '30 days', true) then
    raise exception 'An invitation is valid for a minute to 30 days.' using errcode = 'PT400';
  end if;
  if (select count(*) from private.invitations i where i.project_id = project) >= most then
    raise exception 'The project has % invitations, which is the most.', most
      using errcode = 'PT409', hint = 'Revoke some with revoke_invitation().';
  end if;
  return query
    insert into private.invitations as i (project_id, hash, role, email, created_by, expires_at)
    values (project, sha256(convert_to(secret, 'utf8')), new_role, lower(for_email), auth.uid(), now() + valid_for)
    returning i.id, secret, i.role, i.email, i.expires_at;
end $$;

create function public.create_invitation(
  project_id uuid, role text default 'viewer', email text default null, valid_for interval default '7 days')
  returns table (id uuid, code text, role text, email text, expires_at timestamptz)
  language sql volatile security invoker set search_path = ''
as $$ select * from private.create_invitation($1, $2, $3, $4) $$;
comment on function public.create_invitation(uuid, text, text, interval) is
  'Makes an invitation and returns its code, this once: only its SHA-256 is kept. Good once, for one minute to 30 days, and with an e-mail address for the user with that address alone. You send the code; nothing is mailed from here. For owners and the service role.';

create function private.accept_invitation(invitation_code text) returns table (project_id uuid, role text)
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  ranks constant text[] := array['viewer', 'admin', 'owner'];
  me auth.users;
  taken private.invitations;
begin
  select * into me from auth.users u where u.id = auth.uid();
  if me.id is null then
    raise exception 'Sign in to accept an invitation.' using errcode = 'PT401';
  end if;
  -- An address that nobody has confirmed proves nothing; where Auth confirms none, it has no such column set.
  update private.invitations i set accepted_by = me.id, accepted_at = now()
  where i.hash = sha256(convert_to(invitation_code, 'utf8'))
    and i.accepted_at is null and i.expires_at > now()
    and (i.email is null or (i.email = lower(me.email)
      and not (to_jsonb(me) ? 'email_confirmed_at' and to_jsonb(me) ->> 'email_confirmed_at' is null)))
  returning * into taken;
  if taken.id is null then
    raise exception 'This invitation is not good, or not any more.' using errcode = 'PT404',
      hint = 'It may have expired, been taken, or be for another e-mail address. Ask for a new one.';
  end if;
  perform private.lock_living_project(taken.project_id);
  return query
    insert into public.project_members as m (project_id, user_id, role)
    values (taken.project_id, me.id, taken.role)
    on conflict on constraint project_members_pkey do update
    -- Nobody loses rights by accepting.
    set role = ranks[greatest(array_position(ranks, m.role), array_position(ranks, excluded.role))]
    returning m.project_id, m.role;
end $$;

create function public.accept_invitation(code text) returns table (project_id uuid, role text)
  language sql volatile security invoker set search_path = ''
as $$ select * from private.accept_invitation($1) $$;
comment on function public.accept_invitation(text) is
  'Makes the signed-in user a member by an invitation''s code. Returns the project and the role. Raises PT404, the same for a code that is unknown, expired, taken, revoked or for another address.';

create function private.revoke_invitation(invitation uuid) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_owner((select i.project_id from private.invitations i where i.id = invitation));
  delete from private.invitations i where i.id = invitation and i.accepted_at is null;
end $$;

create function public.revoke_invitation(invitation_id uuid) returns void
  language sql volatile security invoker set search_path = ''
as $$ select private.revoke_invitation($1) $$;
comment on function public.revoke_invitation(uuid) is
  'Takes an open invitation back. One that was accepted stays on record. For owners and the service role.';

create view public.invitations with (security_invoker = true) as
  select id, project_id, role, email, created_by, created_at, expires_at, accepted_by, accepted_at
  from private.invitations;
comment on view public.invitations is 'The invitations of the projects you own, without their codes.';

-- Row-level security and grants -----------------------------------------------------------------

alter table private.invitations enable row level security;
revoke all on private.invitations, public.invitations from public, anon, authenticated, service_role;
grant select (id, project_id, role, email, created_by, created_at, expires_at, accepted_by, accepted_at)
  on private.invitations to authenticated, service_role;
grant select on public.invitations to authenticated, service_role;
create policy "owners see their projects' invitations" on private.invitations
  for select to authenticated
  using (project_id = any (array(select private.my_owned_projects())));

-- A project whose row is deleted by hand would leave its records behind.
revoke delete on public.projects from service_role;

revoke all on function
  private.my_owned_projects(), private.require_owner(uuid), private.lock_living_project(uuid),
  private.rename_project(uuid, text), public.rename_project(uuid, text),
  private.delete_project(uuid), public.delete_project(uuid), private.require_another_owner(uuid, uuid),
  private.set_member_role(uuid, uuid, text), public.set_member_role(uuid, uuid, text),
  private.remove_member(uuid, uuid), public.remove_member(uuid, uuid),
  private.members(uuid), public.members(uuid),
  private.create_invitation(uuid, text, text, interval), public.create_invitation(uuid, text, text, interval),
  private.accept_invitation(text), public.accept_invitation(text),
  private.revoke_invitation(uuid), public.revoke_invitation(uuid)
  from public, anon, authenticated, service_role;
grant execute on function
  private.my_owned_projects(), private.require_owner(uuid),
  private.rename_project(uuid, text), public.rename_project(uuid, text),
  private.delete_project(uuid), public.delete_project(uuid),
  private.set_member_role(uuid, uuid, text), public.set_member_role(uuid, uuid, text),
  private.remove_member(uuid, uuid), public.remove_member(uuid, uuid),
  private.members(uuid), public.members(uuid),
  private.create_invitation(uuid, text, text, interval), public.create_invitation(uuid, text, text, interval),
  private.accept_invitation(text), public.accept_invitation(text),
  private.revoke_invitation(uuid), public.revoke_invitation(uuid)
  to authenticated, service_role;
