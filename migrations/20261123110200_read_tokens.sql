-- Machines that only read: a token with the scope "read" opens its project's records through the API
-- with the publishable key and one header, x-agensight-token. They have no user, so they come as anon.
--
-- The header is looked up once per statement, by the hash of its text: the policies ask in the form
-- that becomes a condition of the index. Without the header anon sees no row of anything.

create function private.token_project() returns setof uuid
  language plpgsql stable security definer set search_path = '' rows 1
as $$
declare
  sent constant text := nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-agensight-token';
begin
  if sent is not null then
    return next (private.find_token(encode(sha256(convert_to(sent, 'utf8')), 'hex'), 'read')).project_id;
  end if;
end $$;
comment on function private.token_project() is
  'The project behind the token in the request''s header x-agensight-token; none without the header. Raises PT401 for a token that is not good and PT403 for one without the scope read.';

create function private.open_to_readers() returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  opened record;
begin
  for opened in
    select c.oid::regclass as name, c.relkind = 'r' as is_table,
           case when c.oid = 'public.projects'::regclass then 'id' else 'project_id' end as project,
           exists (select from pg_catalog.pg_policy p
                   where p.polrelid = c.oid and 'anon'::regrole = any (p.polroles)) as is_open
    from pg_catalog.pg_class c
    where c.relkind in ('r', 'v') and has_table_privilege('authenticated', c.oid, 'select')
      and (c.relnamespace = 'public'::regnamespace or (c.relnamespace = 'private'::regnamespace and c.relkind = 'v'))
      and c.oid not in ('public.project_members'::regclass, 'public.tokens'::regclass,
        'public.invitations'::regclass, 'public.erasures'::regclass)
  loop
    execute format('grant select on %s to anon', opened.name);
    if opened.is_table and not opened.is_open and exists (
        select from pg_catalog.pg_attribute a
        where a.attrelid = opened.name and a.attname = opened.project and not a.attisdropped) then
      execute format(
        'create policy "read tokens open their project" on %s for select to anon
           using (%I = any (array(select private.token_project())))', opened.name, opened.project);
    end if;
  end loop;
  for opened in
    select p.oid::regprocedure as name from pg_catalog.pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and p.prokind = 'f'
      and p.provolatile <> 'v' and not p.prosecdef and has_function_privilege('authenticated', p.oid, 'execute')
      and p.proname not like 'require\_%' and p.oid <> 'public.members(uuid)'::regprocedure
  loop
    execute format('grant execute on function %s to anon', opened.name);
  end loop;
end $$;
comment on function private.open_to_readers() is
  'Lets read tokens read what a viewer may read, save who the members are and what they manage: the tables with a project_id, the views over them, and the functions that only read. For the end of a migration that adds some; running it again does no harm.';

create function private.current_token() returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  sent constant text := nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-agensight-token';
  t private.tokens := private.find_token(encode(sha256(convert_to(coalesce(sent, ''), 'utf8')), 'hex'), 'read');
begin
  update private.tokens set last_used_at = now()
  where id = (
    select k.id from private.tokens k
    where k.id = t.id and coalesce(k.last_used_at < now() - interval '1 minute', true)
    for update skip locked);
  return jsonb_build_object(
    'token_id', t.id, 'project_id', t.project_id, 'name', t.name, 'scopes', to_jsonb(t.scopes),
    'expires_at', least(t.expires_at, t.revoked_at));
end $$;

create function public.current_token() returns jsonb
  language sql volatile security invoker set search_path = ''
as $$ select private.current_token() $$;
comment on function public.current_token() is
  'What the read token in the header x-agensight-token is good for: token_id, project_id, name, scopes, expires_at. Notes that it was used; plain reads cannot, since the API makes them in read-only transactions. Raises PT401 or PT403. For machines that only read.';

revoke all on function
  private.token_project(), private.open_to_readers(), private.current_token(), public.current_token()
  from public, anon, authenticated, service_role;
grant usage on schema private to anon;
grant execute on function private.token_project(), private.current_token(), public.current_token() to anon;
