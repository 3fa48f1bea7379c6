-- Forgetting a person: everything that stands under an end user's id goes, and a receipt stays.
--
-- A trace is a person's when it bears their id, or when it bears none and its session does. It goes
-- with all its parts, and so does a session that is left empty. A session of theirs in which others have
-- traces stays, without what it said of them.
-- What arrives late, having begun before the request, is erased by maintain() for five weeks, which is
-- longer than any queue holds a batch; the id is kept for so long, and then only its hash. A person who
-- comes back later begins anew.

create table private.erasures (
  id           uuid        primary key default gen_random_uuid(),
  project_id   uuid        not null references public.projects (id) on delete cascade,
  user_id      text,
  user_hash    text        not null check (user_hash ~ '^[0-9a-f]{64}$'),
  requested_by uuid        references auth.users (id) on delete set null,
  requested_at timestamptz not null default now(),
  finished_at  timestamptz,
  deleted      jsonb       not null default '{}'
);
comment on table  private.erasures              is 'One row per request to forget an end user in a project: the receipt.';
comment on column private.erasures.id           is 'Names the request.';
comment on column private.erasures.project_id   is 'The project in which the user is forgotten.';
comment on column private.erasures.user_id      is 'The end user''s id, as long as data may arrive late; null 35 days after the request.';
comment on column private.erasures.user_hash    is 'SHA-256 of the id in lower-case hexadecimal: proves to who knows the id that it was erased.';
comment on column private.erasures.requested_by is 'The owner who asked; null when a service did or the owner is gone.';
comment on column private.erasures.requested_at is 'When it was asked for; what began later is kept.';
comment on column private.erasures.finished_at  is 'When nothing was left, the last time something had to be deleted; null while it goes on.';
comment on column private.erasures.deleted      is 'Rows deleted by table; "redacted" counts sessions that stay without the person.';
create index erasures_by_project on private.erasures (project_id);
create index erasures_by_asker on private.erasures (requested_by);

create function private.erase(erasure uuid, deadline timestamptz, inout counts jsonb, out finished boolean)
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  e private.erasures;
  found_ids text[];
  taken text[];
  session_ids text[];
  gone jsonb := '{}';
  n bigint;
begin
  finished := true;
  select * into e from private.erasures x where x.id = erasure and x.user_id is not null for update skip locked;
  if e.id is null then
    return;
  end if;
  loop
    select array_agg(w.id) into found_ids
    from (
      select o.id, sum(o.span_count) over (order by o.id) - o.span_count as spans_before
      from (
        select t.id, t.span_count from public.traces t
        where t.project_id = e.project_id and t.user_id = e.user_id
          and coalesce(t.started_at <= e.requested_at, true)
        union
        select t.id, t.span_count from public.sessions s
        join public.traces t on t.project_id = s.project_id and t.session_id = s.id
        where s.project_id = e.project_id and s.user_id = e.user_id and t.user_id is null
          and coalesce(t.started_at <= e.requested_at, true)
        limit 500
      ) o
    ) w
    where w.spans_before < 2000;
    exit when found_ids is null;
    taken := private.take_traces(e.project_id, found_ids, 'infinity');
    select array_agg(distinct t.session_id) into session_ids from public.traces t
    where t.project_id = e.project_id and t.id = any (taken);
    select d.counts, d.finished into gone, finished from private.delete_traces(e.project_id, taken, deadline, gone) d;
    if finished then
      delete from public.sessions s
      where s.project_id = e.project_id and s.id = any (session_ids) and coalesce(s.user_id = e.user_id, true)
        and not exists (select from public.traces t where t.project_id = s.project_id and t.session_id = s.id);
      get diagnostics n = row_count;
      gone := private.added(gone, 'sessions', n);
    end if;
    -- Somebody is writing what is left; the next run finds it.
    finished := finished and cardinality(taken) > 0 and clock_timestamp() < deadline;
    exit when not finished;
  end loop;
  if finished then
    select array_agg(l.id) into found_ids from (
      select s.id from public.sessions s
      where s.project_id = e.project_id and s.user_id = e.user_id and coalesce(s.started_at <= e.requested_at, true)
      limit 10000
      for update skip locked
    ) l;
    delete from public.sessions s
    where s.project_id = e.project_id and s.id = any (found_ids)
      and not exists (select from public.traces t where t.project_id = s.project_id and t.session_id = s.id);
    get diagnostics n = row_count;
    gone := private.added(gone, 'sessions', n);
    update public.sessions s set user_id = null, name = null, metadata = null, merge_state = null
    where s.project_id = e.project_id and s.id = any (found_ids);
    get diagnostics n = row_count;
    gone := private.added(gone, 'redacted', n);
    finished := not exists (
      select from public.sessions s
      where s.project_id = e.project_id and s.user_id = e.user_id and coalesce(s.started_at <= e.requested_at, true));
  end if;
  gone := (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(gone) where value <> '0');
  if gone <> '{}' or e.finished_at is null then
    select coalesce(jsonb_object_agg(key, total), '{}') into e.deleted
    from (
      select key, sum(value::bigint) as total
      from (select * from jsonb_each_text(e.deleted) union all select * from jsonb_each_text(gone)) k group by key
    ) k;
    update private.erasures x set deleted = e.deleted, finished_at = case when finished then clock_timestamp() end
    where x.id = e.id;
  end if;
  select coalesce(jsonb_object_agg(key, total), '{}') into counts
  from (
    select key, sum(value::bigint) as total
    from (select * from jsonb_each_text(counts) union all select * from jsonb_each_text(gone)) k group by key
  ) k;
end $$;
comment on function private.erase(uuid, timestamptz, jsonb) is
  'Carries out a request to forget, until the deadline; again, for what arrived late. Waits for nobody.';

create function private.forget_user(forgotten text, project uuid)
  returns table (id uuid, project_id uuid, done boolean, deleted jsonb)
  language plpgsql volatile security definer set search_path = '' set lock_timeout = '1s'
as $$
declare
  deadline constant timestamptz := clock_timestamp() + interval '2 seconds';
  target uuid;
  request uuid;
begin
  if coalesce(forgotten, '') = '' then
    raise exception 'Which user? Give the user_id that the traces bear.' using errcode = 'PT400';
  end if;
  if project is not null then
    perform private.require_owner(project);
  end if;
  for target in
    select p.id from public.projects p
    where p.deleted_at is null and (p.id = project or (project is null
      and (private.is_operator() or p.id in (select private.my_owned_projects()))))
    order by p.id
  loop
    insert into private.erasures as e (project_id, user_id, user_hash, requested_by)
    values (target, forgotten, encode(sha256(convert_to(forgotten, 'utf8')), 'hex'), auth.uid())
    returning e.id into request;
    perform private.erase(request, deadline, '{}');
    return query select e.id, e.project_id, e.finished_at is not null, e.deleted from private.erasures e where e.id = request;
  end loop;
end $$;

create function public.forget_user(user_id text, in_project uuid default null)
  returns table (id uuid, project_id uuid, done boolean, deleted jsonb)
  language sql volatile security invoker set search_path = ''
as $$ select * from private.forget_user($1, $2) $$;
comment on function public.forget_user(text, uuid) is
  'Deletes the traces and sessions of an end user with all their parts, in one project or in all that the caller owns (for the service role: all there are). Returns a receipt per project: its id, whether all is done (maintain() does the rest) and the rows deleted by table. For owners and the service role.';

create view public.erasures with (security_invoker = true) as
  select id, project_id, user_hash, requested_by, requested_at, finished_at, deleted from private.erasures;
comment on view public.erasures is 'The receipts of forget_user() in the projects you own.';

alter table private.erasures enable row level security;
revoke all on private.erasures, public.erasures from public, anon, authenticated, service_role;
grant select (id, project_id, user_hash, requested_by, requested_at, finished_at, deleted)
  on private.erasures to authenticated, service_role;
grant select on public.erasures to authenticated, service_role;
create policy "owners see their projects' erasures" on private.erasures
  for select to authenticated
  using (project_id = any (array(select private.my_owned_projects())));

revoke all on function
  private.erase(uuid, timestamptz, jsonb), private.forget_user(text, uuid), public.forget_user(text, uuid)
  from public, anon, authenticated, service_role;
grant execute on function private.forget_user(text, uuid), public.forget_user(text, uuid) to authenticated, service_role;
