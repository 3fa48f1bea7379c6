-- Projects, the people who may read them, and the tokens that may write them.
--
-- Hosted Supabase grants every new table and function in "public" to its API roles, so each object
-- here starts by losing all grants and then gets the ones it needs, one by one.

create schema private;
comment on schema private is 'Secrets, helpers of policies and the inner steps of ingest(). Not exposed by the API.';
revoke all on schema private from public;
grant usage on schema private to authenticated, service_role;

create table public.projects (
  id         uuid        primary key default gen_random_uuid(),
  name       text        not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now()
);
comment on table  public.projects            is 'One row per project: the unit that tokens write to and members read.';
comment on column public.projects.id         is 'Stands in every row that the project owns.';
comment on column public.projects.name       is 'What people call it, 1 to 200 characters; need not be unique.';
comment on column public.projects.created_at is 'When the project was made.';

create table public.project_members (
  project_id uuid        not null references public.projects (id) on delete cascade,
  user_id    uuid        not null references auth.users (id) on delete cascade,
  role       text        not null default 'viewer' check (role in ('owner', 'admin', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (user_id, project_id)
);
comment on table  public.project_members            is 'Who may read a project, and who may also manage it.';
comment on column public.project_members.project_id is 'The project.';
comment on column public.project_members.user_id    is 'The member, a user of Supabase Auth.';
comment on column public.project_members.role       is 'viewer reads; admin also manages tokens; owner also manages members.';
comment on column public.project_members.created_at is 'When the membership began.';
create index project_members_by_project on public.project_members (project_id);

create table private.tokens (
  id           uuid        primary key default gen_random_uuid(),
  project_id   uuid        not null references public.projects (id) on delete cascade,
  hash         bytea       not null unique check (length(hash) = 32),
  prefix       text        not null,
  name         text        not null check (length(name) between 1 and 200),
  scopes       text[]      not null check (cardinality(scopes) > 0 and scopes <@ array['ingest', 'read']),
  created_by   uuid        references auth.users (id) on delete set null,
  created_at   timestamptz not null default now(),
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz
);
comment on table  private.tokens              is 'Tokens by their SHA-256; the token itself is shown once, when it is made, and kept nowhere.';
comment on column private.tokens.id           is 'Names the token without revealing it.';
comment on column private.tokens.project_id   is 'The only project that the token may write to.';
comment on column private.tokens.hash         is 'SHA-256 of the token''s text.';
comment on column private.tokens.prefix       is 'The token''s first characters, to recognise it by.';
comment on column private.tokens.name         is 'What the token is for, in its maker''s words.';
comment on column private.tokens.scopes       is 'What it may do: ingest (write records), read (machines that only read).';
comment on column private.tokens.created_by   is 'The user who made it; null when a service made it or the user is gone.';
comment on column private.tokens.created_at   is 'When it was made.';
comment on column private.tokens.expires_at   is 'When it stops working by itself; null for never.';
comment on column private.tokens.revoked_at   is 'When it was revoked, possibly in the near future (rotation); null while it is good.';
comment on column private.tokens.last_used_at is 'When it was last checked, to the minute; null if never.';
create index tokens_by_project on private.tokens (project_id);
create index tokens_by_creator on private.tokens (created_by);

-- Who is asking ---------------------------------------------------------------------------------

create function private.my_projects() returns setof uuid
  language sql stable security definer set search_path = ''
as $$ select project_id from public.project_members where user_id = (select auth.uid()) $$;
comment on function private.my_projects() is
  'Projects the signed-in user belongs to. Definer rights, because a policy on the membership table itself needs the answer.';

create function private.my_managed_projects() returns setof uuid
  language sql stable security definer set search_path = ''
as $$
  select project_id from public.project_members
  where user_id = (select auth.uid()) and role in ('owner', 'admin')
$$;
comment on function private.my_managed_projects() is 'Projects in which the signed-in user is owner or admin.';

create function private.is_operator() returns boolean
  language sql stable security invoker set search_path = ''
as $$ select current_setting('role', true) in ('service_role', 'none') $$;
comment on function private.is_operator() is
  'True for the service role and for a direct connection. The API always switches role, so "none" is the owner at a SQL prompt; unlike current_user this holds inside definer functions too.';

create function private.require_manager(project uuid) returns void
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  if private.is_operator() or project in (select private.my_managed_projects()) then
    return;
  end if;
  raise exception 'You do not manage this project.'
    using errcode = 'PT403', hint = 'Ask an owner of the project for the role admin.';
end $$;
comment on function private.require_manager(uuid) is
  'Raises PT403 unless the caller may manage the project. The same answer for a project that does not exist.';

-- Projects and tokens are made by functions -----------------------------------------------------

create function private.create_project(project_name text) returns public.projects
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  made public.projects;
begin
  if not private.is_operator() and auth.uid() is null then
    raise exception 'Sign in to create a project.' using errcode = 'PT401';
  end if;
  insert into public.projects (name) values (project_name) returning * into made;
  if auth.uid() is not null then
    insert into public.project_members (project_id, user_id, role) values (made.id, auth.uid(), 'owner');
  end if;
  return made;
end $$;

create function public.create_project(project_name text) returns public.projects
  language sql volatile security invoker set search_path = ''
as $$ select private.create_project(project_name) $$;
comment on function public.create_project(text) is
  'Makes a project. A signed-in user becomes its owner; the service role makes one without members.';

create function private.create_token(project uuid, token_name text, token_scopes text[], expires timestamptz)
  returns table (id uuid, token text, prefix text, expires_at timestamptz)
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  secret text;
begin
  perform private.require_manager(project);
  -- Three random uuids carry 366 random bits; hashed to 256, since pgcrypto is not everywhere.
  secret := 'agn_' || encode(sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
  return query
    insert into private.tokens as t (project_id, hash, prefix, name, scopes, created_by, expires_at)
    values (project, sha256(convert_to(secret, 'utf8')), left(secret, 12), token_name, token_scopes, auth.uid(), expires)
    returning t.id, secret, t.prefix, t.expires_at;
end $$;

create function public.create_token(
  project_id uuid, name text default 'token', scopes text[] default array['ingest'], valid_until timestamptz default null)
  returns table (id uuid, token text, prefix text, expires_at timestamptz)
  language sql volatile security invoker set search_path = ''
as $$ select * from private.create_token($1, $2, $3, $4) $$;
comment on function public.create_token(uuid, text, text[], timestamptz) is
  'Makes a token for a project and returns it, this once: only its SHA-256 is kept. For owners, admins and the service role.';

create function private.revoke_token(token uuid, at timestamptz) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  project uuid;
begin
  select project_id into project from private.tokens where id = token;
  perform private.require_manager(project);
  update private.tokens set revoked_at = least(revoked_at, at) where id = token;
end $$;

create function public.revoke_token(token_id uuid) returns void
  language sql volatile security invoker set search_path = ''
as $$ select private.revoke_token(token_id, now()) $$;
comment on function public.revoke_token(uuid) is
  'Ends a token at once in the database; a warm ingest function learns of it when it next writes. Repeating it changes nothing.';

create function private.rotate_token(old_id uuid, overlap interval)
  returns table (id uuid, token text, prefix text, expires_at timestamptz)
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  old private.tokens;
begin
  select * into old from private.tokens t where t.id = old_id;
  perform private.require_manager(old.project_id);
  if old.revoked_at is not null then
    raise exception 'This token is revoked.' using errcode = 'PT409', hint = 'Make a new one with create_token().';
  end if;
  perform private.revoke_token(old_id, now() + overlap);
  return query select * from private.create_token(old.project_id, old.name, old.scopes, old.expires_at);
end $$;

create function public.rotate_token(token_id uuid, overlap interval default '1 day')
  returns table (id uuid, token text, prefix text, expires_at timestamptz)
  language sql volatile security invoker set search_path = ''
as $$ select * from private.rotate_token(token_id, overlap) $$;
comment on function public.rotate_token(uuid, interval) is
  'Makes a successor with the same name, scopes and expiry; the old token goes on working for the overlap.';

create view public.tokens with (security_invoker = true) as
  select id, project_id, prefix, name, scopes, created_by, created_at, expires_at, revoked_at, last_used_at
  from private.tokens;
comment on view public.tokens is 'The tokens of the projects you manage, without their hashes.';

-- The check that every request passes -----------------------------------------------------------

create function private.find_token(token_hash text, scope text) returns private.tokens
  language plpgsql stable security definer set search_path = ''
as $$
declare
  found_token private.tokens;
begin
  if token_hash ~ '^[0-9a-f]{64}$' then
    select * into found_token from private.tokens
    where hash = decode(token_hash, 'hex')
      and coalesce(revoked_at > now(), true) and coalesce(expires_at > now(), true);
  end if;
  if found_token.id is null then
    raise exception 'Unknown, revoked or expired token.' using errcode = 'PT401';
  end if;
  if not scope = any (found_token.scopes) then
    raise exception 'This token lacks the scope %.', scope using errcode = 'PT403';
  end if;
  return found_token;
end $$;
comment on function private.find_token(text, text) is
  'The good token behind a hash. Raises PT401 for any other, with one answer for unknown, revoked and expired, and PT403 without the scope.';

create function public.authenticate(token_hash text) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  t private.tokens := private.find_token(token_hash, 'ingest');
begin
  -- To the minute only, so that a busy token does not rewrite its row at each request.
  update private.tokens set last_used_at = now()
  where id = t.id and coalesce(last_used_at < now() - interval '1 minute', true);
  return jsonb_build_object(
    'project_id', t.project_id, 'token_id', t.id, 'scopes', to_jsonb(t.scopes),
    'expires_at', least(t.expires_at, t.revoked_at));
end $$;
comment on function public.authenticate(text) is
  'The project behind a token, given as lower-case hexadecimal SHA-256. Raises PT401 or PT403. For the ingest function alone.';

-- Row-level security and grants -----------------------------------------------------------------

alter table public.projects enable row level security;
alter table public.project_members enable row level security;
alter table private.tokens enable row level security;

revoke all on public.projects, public.project_members, private.tokens, public.tokens
  from public, anon, authenticated, service_role;
grant select on public.projects, public.project_members to authenticated;
grant select, insert, update, delete on public.projects, public.project_members to service_role;
grant select (id, project_id, prefix, name, scopes, created_by, created_at, expires_at, revoked_at, last_used_at)
  on private.tokens to authenticated, service_role;
grant select on public.tokens to authenticated, service_role;

create policy "members see their projects" on public.projects
  for select to authenticated
  using (id = any (array(select private.my_projects())));
create policy "members see who shares their projects" on public.project_members
  for select to authenticated
  using (project_id = any (array(select private.my_projects())));
create policy "managers see their projects' tokens" on private.tokens
  for select to authenticated
  using (project_id = any (array(select private.my_managed_projects())));

revoke all on function
  private.my_projects(), private.my_managed_projects(), private.is_operator(), private.require_manager(uuid),
  private.create_project(text), public.create_project(text),
  private.create_token(uuid, text, text[], timestamptz), public.create_token(uuid, text, text[], timestamptz),
  private.revoke_token(uuid, timestamptz), public.revoke_token(uuid),
  private.rotate_token(uuid, interval), public.rotate_token(uuid, interval),
  private.find_token(text, text), public.authenticate(text)
  from public, anon, authenticated, service_role;
grant execute on function
  private.my_projects(), private.my_managed_projects(), private.is_operator(), private.require_manager(uuid),
  private.create_project(text), public.create_project(text),
  private.create_token(uuid, text, text[], timestamptz), public.create_token(uuid, text, text[], timestamptz),
  private.revoke_token(uuid, timestamptz), public.revoke_token(uuid),
  private.rotate_token(uuid, interval), public.rotate_token(uuid, interval)
  to authenticated, service_role;
grant execute on function public.authenticate(text) to service_role;
