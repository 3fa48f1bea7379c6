-- Erasing an end user: every row with their id is deleted, and a receipt stays.
--
-- A trace is a user's when it has their id, or when it has none and its session does. It is deleted with
-- all its parts, and so is a session that is left empty. A session of theirs in which others have traces
-- stays, without the fields about the user.
-- Data that arrives late, having begun before the request, is erased by maintain() for five weeks, which
-- is longer than any queue holds a batch; the id is kept for so long, and then only its hash. A user who
-- comes back later starts again.

create table agensight_private.erasures (
  id           uuid        primary key default gen_random_uuid(),
  project_id   uuid        not null references agensight.projects (id) on delete cascade,
  user_id      text,
  user_hash    text        not null check (user_hash ~ '^[0-9a-f]{64}$'),
  requested_by uuid        references auth.users (id) on delete set null,
  requested_at timestamptz not null default now(),
  finished_at  timestamptz,
  deleted      jsonb       not null default '{}'
);
comment on table  agensight_private.erasures              is 'One row per request to erase an end user in a project: the receipt.';
comment on column agensight_private.erasures.id           is 'Names the request.';
comment on column agensight_private.erasures.project_id   is 'The project in which the user is erased.';
comment on column agensight_private.erasures.user_id      is 'The end user''s id, while data may still arrive late; null 35 days after the request.';
comment on column agensight_private.erasures.user_hash    is 'SHA-256 of the id in lower-case hexadecimal: evidence of the erasure for those who know the id.';
comment on column agensight_private.erasures.requested_by is 'The owner who requested it; null when a service did or the owner was deleted.';
comment on column agensight_private.erasures.requested_at is 'When it was requested; data that began later is kept.';
comment on column agensight_private.erasures.finished_at  is 'When the last deletion finished; null while one is in progress.';
comment on column agensight_private.erasures.deleted      is 'Rows deleted by table; "redacted" counts sessions that stay without the fields about the user.';
create index erasures_by_project on agensight_private.erasures (project_id);
create index erasures_by_requester on agensight_private.erasures (requested_by);

alter table agensight_private.erasures enable row level security;
create policy "owners see their projects' erasures" on agensight_private.erasures
  for select to authenticated using (project_id = any (array(select agensight_private.my_owned_projects())));

create view agensight.erasures with (security_invoker = true) as
  select id, project_id, user_hash, requested_by, requested_at, finished_at, deleted from agensight_private.erasures;
comment on view agensight.erasures is 'The receipts of forget_user() in the projects you own.';

create function agensight_private.run_erasure(erasure uuid, deadline timestamptz, inout counts jsonb, out finished boolean)
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  e agensight_private.erasures;
  found_ids text[];
  taken text[];
  session_ids text[];
  gone jsonb := '{}';
  n bigint;
begin
  finished := true;
  select * into e from agensight_private.erasures x where x.id = erasure and x.user_id is not null for update skip locked;
  if e.id is null then
    return;
  end if;
  loop
    select array_agg(w.id) into found_ids
    from (
      select o.id, sum(o.span_count) over (order by o.id) - o.span_count as spans_before
      from (
        select t.id, t.span_count from agensight.traces t
        where t.project_id = e.project_id and t.user_id = e.user_id
          and coalesce(t.started_at <= e.requested_at, true)
        union
        select t.id, t.span_count from agensight.sessions s
        join agensight.traces t on t.project_id = s.project_id and t.session_id = s.id
        where s.project_id = e.project_id and s.user_id = e.user_id and t.user_id is null
          and coalesce(t.started_at <= e.requested_at, true)
        limit 500
      ) o
    ) w
    where w.spans_before < 2000;
    exit when found_ids is null;
    taken := agensight_private.lock_deletable_traces(e.project_id, found_ids, 'infinity');
    select array_agg(distinct t.session_id) into session_ids from agensight.traces t
    where t.project_id = e.project_id and t.id = any (taken);
    select d.counts, d.finished into gone, finished from agensight_private.delete_traces(e.project_id, taken, deadline, gone) d;
    if finished then
      delete from agensight.sessions s
      where s.project_id = e.project_id and s.id = any (session_ids) and coalesce(s.user_id = e.user_id, true)
        and not exists (select from agensight.traces t where t.project_id = s.project_id and t.session_id = s.id);
      get diagnostics n = row_count;
      gone := agensight_private.add_count(gone, 'sessions', n);
    end if;
    -- The rest is being written right now; the next run finds it.
    finished := finished and cardinality(taken) > 0 and clock_timestamp() < deadline;
    exit when not finished;
  end loop;
  if finished then
    select array_agg(l.id) into found_ids from (
      select s.id from agensight.sessions s
      where s.project_id = e.project_id and s.user_id = e.user_id and coalesce(s.started_at <= e.requested_at, true)
      limit 10000
      for update skip locked
    ) l;
    delete from agensight.sessions s
    where s.project_id = e.project_id and s.id = any (found_ids)
      and not exists (select from agensight.traces t where t.project_id = s.project_id and t.session_id = s.id);
    get diagnostics n = row_count;
    gone := agensight_private.add_count(gone, 'sessions', n);
    update agensight.sessions s set user_id = null, name = null, metadata = null, merge_state = null
    where s.project_id = e.project_id and s.id = any (found_ids);
    get diagnostics n = row_count;
    gone := agensight_private.add_count(gone, 'redacted', n);
    finished := not exists (
      select from agensight.sessions s
      where s.project_id = e.project_id and s.user_id = e.user_id and coalesce(s.started_at <= e.requested_at, true));
  end if;
  gone := (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(gone) where value <> '0');
  if gone <> '{}' or e.finished_at is null then
    select coalesce(jsonb_object_agg(key, total), '{}') into e.deleted
    from (
      select key, sum(value::bigint) as total
      from (select * from jsonb_each_text(e.deleted) union all select * from jsonb_each_text(gone)) k group by key
    ) k;
    update agensight_private.erasures x set deleted = e.deleted, finished_at = case when finished then clock_timestamp() end
    where x.id = e.id;
  end if;
  select coalesce(jsonb_object_agg(key, total), '{}') into counts
  from (
    select key, sum(value::bigint) as total
    from (select * from jsonb_each_text(counts) union all select * from jsonb_each_text(gone)) k group by key
  ) k;
end $$;
comment on function agensight_private.run_erasure(uuid, timestamptz, jsonb) is
  'Carries out an erasure, until the deadline; called again for data that arrived late. Never waits for locks.';

create function agensight_private.forget_user(forgotten text, project uuid)
  returns table (id uuid, project_id uuid, done boolean, deleted jsonb)
  language plpgsql volatile security definer set search_path = '' set lock_timeout = '1s'
as $$
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
end $$;
comment on function agensight_private.forget_user(text, uuid) is 'The inner step of agensight.forget_user(), which checks that the caller may.';

create function agensight.forget_user(user_id text, in_project uuid default null)
  returns table (id uuid, project_id uuid, done boolean, deleted jsonb)
  language sql volatile security invoker set search_path = ''
as $$ select * from agensight_private.forget_user($1, $2) $$;
comment on function agensight.forget_user(text, uuid) is
  'Deletes the traces and sessions of an end user with all their parts, in one project or in all that the caller owns (for the service role: all there are). Returns a receipt per project: its id, whether all is done (maintain() does the rest) and the rows deleted by table. For owners and the service role.';
