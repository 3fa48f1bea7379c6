-- Projects, their members, and the credentials that open them.
--
-- Schema "agensight" is the contract: tables, views and functions of the API. Schema
-- "agensight_private" holds secrets, helpers of policies and inner steps, and is never exposed by the
-- API. Every table has row-level security. Who may do what with each object is in the last file of the
-- baseline; until it has run, no API role may even use the schemas.

create schema agensight;
comment on schema agensight is 'Records of LLM applications: tables, views and functions of the API.';
create schema agensight_private;
comment on schema agensight_private is 'Secrets, helpers of policies and the inner steps of the API''s functions. Not exposed by the API.';

-- Tables -------------------------------------------------------------------------------------------

-- Written by `npx agensight migrate`; `supabase db push` keeps its own history and leaves it empty.
create table agensight_private.migrations (
  version    text        primary key check (version ~ '^\d{14}$'),
  name       text        not null,
  checksum   text        not null check (length(checksum) = 64),
  applied_at timestamptz not null default now()
);
comment on table  agensight_private.migrations            is 'History of the migrations that `npx agensight migrate` has applied; empty where `supabase db push` applies them.';
comment on column agensight_private.migrations.version    is 'The fourteen digits at the start of the file name.';
comment on column agensight_private.migrations.name       is 'The rest of the file name.';
comment on column agensight_private.migrations.checksum   is 'SHA-256 of the file in hexadecimal: a file must not change after it was applied.';
comment on column agensight_private.migrations.applied_at is 'When the migration was applied, or found in the history of `supabase db push`.';

create table agensight.projects (
  id                  uuid        primary key default gen_random_uuid(),
  name                text        not null check (length(name) between 1 and 200),
  created_at          timestamptz not null default now(),
  deleted_at          timestamptz,
  requests_per_minute integer     not null default 12000 check (requests_per_minute between 1 and 1000000),
  bytes_per_minute    bigint      not null default 600000000 check (bytes_per_minute between 1 and 1000000000000),
  retention_days      integer     check (retention_days between 1 and 36500)
);
comment on table  agensight.projects                     is 'One row per project: the unit that tokens write to and members read.';
comment on column agensight.projects.id                  is 'The project_id of every row that the project owns.';
comment on column agensight.projects.name                is 'Display name, 1 to 200 characters; need not be unique.';
comment on column agensight.projects.created_at          is 'When the project was made.';
comment on column agensight.projects.deleted_at          is 'When delete_project() was called; maintain() then deletes its records and at last this row. Null for an active project.';
comment on column agensight.projects.requests_per_minute is 'Requests per minute that one token, and all tokens of the project together, may send; more are answered 429. Set by the service role; takes effect within a minute.';
comment on column agensight.projects.bytes_per_minute    is 'The same for bytes of request bodies as they arrive.';
comment on column agensight.projects.retention_days      is 'Traces and sessions are deleted this many days after they were first received; null keeps them forever. Set by set_retention().';

create table agensight.project_members (
  project_id uuid        not null references agensight.projects (id) on delete cascade,
  user_id    uuid        not null references auth.users (id) on delete cascade,
  role       text        not null default 'viewer' check (role in ('owner', 'admin', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (user_id, project_id)
);
comment on table  agensight.project_members            is 'Who may read a project, and who may also manage it.';
comment on column agensight.project_members.project_id is 'The project.';
comment on column agensight.project_members.user_id    is 'The member, a user of Supabase Auth.';
comment on column agensight.project_members.role       is 'viewer reads; admin also manages tokens; owner also manages members.';
comment on column agensight.project_members.created_at is 'When the membership began.';
create index project_members_by_project on agensight.project_members (project_id);

create table agensight_private.invitations (
  id          uuid        primary key default gen_random_uuid(),
  project_id  uuid        not null references agensight.projects (id) on delete cascade,
  hash        bytea       not null unique check (length(hash) = 32),
  role        text        not null check (role in ('owner', 'admin', 'viewer')),
  email       text        check (email = lower(email) and length(email) between 3 and 320),
  created_by  uuid        references auth.users (id) on delete set null,
  created_at  timestamptz not null default now(),
  expires_at  timestamptz not null,
  accepted_by uuid        references auth.users (id) on delete set null,
  accepted_at timestamptz
);
comment on table  agensight_private.invitations             is 'Invitations by the SHA-256 of their code; the code itself is shown only once, when it is made, and not stored.';
comment on column agensight_private.invitations.id          is 'Identifies the invitation without revealing its code.';
comment on column agensight_private.invitations.project_id  is 'The project that it grants access to.';
comment on column agensight_private.invitations.hash        is 'SHA-256 of the code''s text.';
comment on column agensight_private.invitations.role        is 'The role that accepting it grants: viewer, admin or owner.';
comment on column agensight_private.invitations.email       is 'The only address that may accept it, in lower case; null for any user with the code.';
comment on column agensight_private.invitations.created_by  is 'The owner who made it; null when a service made it or the user was deleted.';
comment on column agensight_private.invitations.created_at  is 'When it was made.';
comment on column agensight_private.invitations.expires_at  is 'When it expires.';
comment on column agensight_private.invitations.accepted_by is 'The user who accepted it; null while it is open or when the user was deleted.';
comment on column agensight_private.invitations.accepted_at is 'When it was accepted; it can be accepted once.';
create index invitations_by_project on agensight_private.invitations (project_id);
create index invitations_by_creator on agensight_private.invitations (created_by);
create index invitations_by_accepter on agensight_private.invitations (accepted_by);

create table agensight_private.tokens (
  id           uuid        primary key default gen_random_uuid(),
  project_id   uuid        not null references agensight.projects (id) on delete cascade,
  hash         bytea       not null unique check (length(hash) = 32),
  python_hash  bytea       not null unique check (length(python_hash) = 32),
  prefix       text        not null,
  name         text        not null check (length(name) between 1 and 200),
  scopes       text[]      not null check (cardinality(scopes) > 0 and scopes <@ array['ingest', 'read']),
  created_by   uuid        references auth.users (id) on delete set null,
  created_at   timestamptz not null default now(),
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz
);
comment on table  agensight_private.tokens              is 'Tokens by their SHA-256; the token itself is shown only once, when it is made, and not stored.';
comment on column agensight_private.tokens.id           is 'Identifies the token without revealing it.';
comment on column agensight_private.tokens.project_id   is 'The only project that the token may write to.';
comment on column agensight_private.tokens.hash         is 'SHA-256 of the token''s text.';
comment on column agensight_private.tokens.python_hash  is 'SHA-256 of the value that the original Python SDK gets for the token, which it prints: a value that only writes, and only by the routes of that SDK.';
comment on column agensight_private.tokens.prefix       is 'The token''s first characters, to recognise it by.';
comment on column agensight_private.tokens.name         is 'What the token is for, as its creator wrote it.';
comment on column agensight_private.tokens.scopes       is 'What it may do: ingest (write records), read (read records, for machines).';
comment on column agensight_private.tokens.created_by   is 'The user who made it; null when a service made it or the user was deleted.';
comment on column agensight_private.tokens.created_at   is 'When it was made.';
comment on column agensight_private.tokens.expires_at   is 'When it expires; null for never.';
comment on column agensight_private.tokens.revoked_at   is 'When it was revoked, possibly in the near future (rotation); null while it is valid.';
comment on column agensight_private.tokens.last_used_at is 'When it was last checked, to the minute; null if never.';
create index tokens_by_project on agensight_private.tokens (project_id);
create index tokens_by_creator on agensight_private.tokens (created_by);

-- Who is calling -----------------------------------------------------------------------------------

create function agensight_private.my_projects() returns setof uuid
  language sql stable security definer set search_path = ''
as $$ select project_id from agensight.project_members where user_id = (select auth.uid()) $$;
comment on function agensight_private.my_projects() is
  'Projects the signed-in user belongs to. Definer rights, because a policy on the membership table itself needs the answer.';

create function agensight_private.my_managed_projects() returns setof uuid
  language sql stable security definer set search_path = ''
as $$
  select project_id from agensight.project_members
  where user_id = (select auth.uid()) and role in ('owner', 'admin')
$$;
comment on function agensight_private.my_managed_projects() is 'Projects in which the signed-in user is owner or admin.';

create function agensight_private.my_owned_projects() returns setof uuid
  language sql stable security definer set search_path = ''
as $$
  select project_id from agensight.project_members
  where user_id = (select auth.uid()) and role = 'owner'
$$;
comment on function agensight_private.my_owned_projects() is 'Projects in which the signed-in user is owner.';

create function agensight_private.is_operator() returns boolean
  language sql stable security invoker set search_path = ''
as $$ select current_setting('role', true) in ('service_role', 'none') $$;
comment on function agensight_private.is_operator() is
  'True for the service role and for a direct connection. The API always switches role, so "none" is the owner at a SQL prompt; unlike current_user this holds inside definer functions too.';

create function agensight_private.require_manager(project uuid) returns void
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  if agensight_private.is_operator() or project in (select agensight_private.my_managed_projects()) then
    return;
  end if;
  raise exception 'You do not manage this project.'
    using errcode = 'PT403', hint = 'Ask an owner of the project for the role admin.';
end $$;
comment on function agensight_private.require_manager(uuid) is
  'Raises PT403 unless the caller may manage the project. The same answer for a project that does not exist.';

create function agensight_private.require_owner(project uuid) returns void
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  if agensight_private.is_operator() or project in (select agensight_private.my_owned_projects()) then
    return;
  end if;
  raise exception 'You do not own this project.'
    using errcode = 'PT403', hint = 'Ask an owner of the project.';
end $$;
comment on function agensight_private.require_owner(uuid) is
  'Raises PT403 unless the caller owns the project. The same answer for a project that does not exist.';

create function agensight_private.find_token(token_hash text, scope text) returns agensight_private.tokens
  language plpgsql stable security definer set search_path = ''
as $$
declare
  found_token agensight_private.tokens;
begin
  if token_hash ~ '^[0-9a-f]{64}$' then
    select * into found_token from agensight_private.tokens
    where hash = decode(token_hash, 'hex')
      and coalesce(revoked_at > now(), true) and coalesce(expires_at > now(), true);
    -- What the original Python SDK sends opens nothing to read.
    if found_token.id is null and scope = 'ingest' then
      select * into found_token from agensight_private.tokens
      where python_hash = decode(token_hash, 'hex')
        and coalesce(revoked_at > now(), true) and coalesce(expires_at > now(), true);
    end if;
  end if;
  if found_token.id is null then
    raise exception 'Unknown, revoked or expired token.' using errcode = 'PT401';
  end if;
  if not scope = any (found_token.scopes) then
    raise exception 'This token lacks the scope %.', scope using errcode = 'PT403';
  end if;
  return found_token;
end $$;
comment on function agensight_private.find_token(text, text) is
  'The valid token with this hash; to write, also with this hash of the value that the original Python SDK sends. Raises PT401 for any other, with one answer for unknown, revoked and expired, and PT403 without the scope.';

-- Machines that only read: a token with the scope "read" opens its project's records through the API
-- with the publishable key and the header x-agensight-token. They have no user, so their role is anon.
-- The header is looked up once per statement, and without it anon sees no row of any table.

create function agensight_private.token_project() returns setof uuid
  language plpgsql stable security definer set search_path = '' rows 1
as $$
declare
  sent constant text := nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-agensight-token';
begin
  if sent is not null then
    return next (agensight_private.find_token(encode(sha256(convert_to(sent, 'utf8')), 'hex'), 'read')).project_id;
  end if;
end $$;
comment on function agensight_private.token_project() is
  'The project of the token in the request''s header x-agensight-token; none without the header. Raises PT401 for an invalid token and PT403 for one without the scope read.';

-- Policies -----------------------------------------------------------------------------------------

-- "= any (array(select ...))" is evaluated once per statement and becomes an index condition; a
-- function of the row would run once per row.

alter table agensight_private.migrations enable row level security;
alter table agensight.projects enable row level security;
alter table agensight.project_members enable row level security;
alter table agensight_private.invitations enable row level security;
alter table agensight_private.tokens enable row level security;

create policy "the service role reads the history" on agensight_private.migrations
  for select to service_role using (true);
create policy "members see their projects" on agensight.projects
  for select to authenticated using (id = any (array(select agensight_private.my_projects())));
create policy "read tokens open their project" on agensight.projects
  for select to anon using (id = any (array(select agensight_private.token_project())));
create policy "members see who shares their projects" on agensight.project_members
  for select to authenticated using (project_id = any (array(select agensight_private.my_projects())));
create policy "owners see their projects' invitations" on agensight_private.invitations
  for select to authenticated using (project_id = any (array(select agensight_private.my_owned_projects())));
create policy "managers see their projects' tokens" on agensight_private.tokens
  for select to authenticated using (project_id = any (array(select agensight_private.my_managed_projects())));
