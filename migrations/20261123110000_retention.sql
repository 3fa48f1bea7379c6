-- Retention: a project may say for how many days it keeps its traces, and maintain() enforces it.
--
-- Age is counted from the moment a row was first received, by the database's own clock: a client whose
-- clock is wrong neither loses its data early nor keeps it for ever, and what arrives late is kept its
-- full time. There are no partitions to drop (see ARCHITECTURE.md), so maintain() deletes in small
-- batches, by ranges of the keys, traces that nobody is writing at that moment.

alter table public.projects
  add column retention_days integer check (retention_days between 1 and 36500),
  add column deleted_at timestamptz;
comment on column public.projects.retention_days is
  'Traces and sessions are deleted this many days after they were first received; null keeps them for ever. Set by set_retention().';
comment on column public.projects.deleted_at is
  'When delete_project() was called; maintain() then removes the rows and at last the project. Null for a living project.';

alter table public.traces add column received_at timestamptz not null default now();
alter table public.sessions add column received_at timestamptz not null default now();
comment on column public.traces.received_at is
  'When the first part of it was stored, by the database''s clock. For rows older than this column: when it started.';
comment on column public.sessions.received_at is
  'When it was first stored, by the database''s clock. For rows older than this column: when it started.';
update public.traces set received_at = started_at where started_at < received_at;
update public.sessions set received_at = started_at where started_at < received_at;
create index traces_by_arrival on public.traces (project_id, received_at);
create index sessions_by_arrival on public.sessions (project_id, received_at);

-- Prompts now make their trace as well, as spans, completions and tools always did: every part then
-- has a trace by which it is found when its time is over, and is written under the lock of that trace.
create or replace function private.traces_of(batch jsonb) returns jsonb
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  return (
    select coalesce(batch -> 'traces', '[]') || coalesce(jsonb_agg(jsonb_build_object('inferred', true, 'id', trace_id)), '[]')
    from (
      select trace_id from jsonb_to_recordset(batch -> 'spans') as r(trace_id text)
      union
      select trace_id from jsonb_to_recordset(batch -> 'prompts') as r(trace_id text)
      union
      select trace_id from jsonb_to_recordset(batch -> 'completions') as r(trace_id text)
      union
      select trace_id from jsonb_to_recordset(batch -> 'tools') as r(trace_id text)
      except
      select id from jsonb_to_recordset(batch -> 'traces') as r(id text)
    ) parts);
end $$;
comment on function private.traces_of(jsonb) is 'The traces of a batch, with those that its parts name.';
insert into public.traces (project_id, id)
select distinct project_id, trace_id from public.prompts order by 1, 2
on conflict do nothing;

-- Deleting ---------------------------------------------------------------------------------------

create function private.tables_of_traces() returns setof regclass
  language sql stable security invoker set search_path = ''
as $$
  select c.oid::regclass from pg_catalog.pg_class c
  where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind = 'r'
    and 2 = (select count(*) from pg_catalog.pg_attribute a
             where a.attrelid = c.oid and a.attname in ('project_id', 'trace_id') and not a.attisdropped)
  order by c.oid in ('public.completions'::regclass, 'public.spans'::regclass), c.oid
$$;
comment on function private.tables_of_traces() is
  'The tables that hold parts of traces, by their columns project_id and trace_id; those whose deletes touch the totals of the trace come last.';

-- With many deletes a day, the default of a fifth would leave a large table a fifth of dead rows.
do $$
declare
  target regclass;
begin
  for target in select 'public.traces'::regclass union all select private.tables_of_traces() loop
    execute format('alter table %s set (autovacuum_vacuum_scale_factor = 0.05)', target);
  end loop;
end $$;

create function private.delete_parts(target regclass, project uuid, trace_ids text[], at_most integer) returns integer
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  deleted integer;
begin
  execute format(
    'delete from %1$s where ctid = any (array(
       select ctid from %1$s where project_id = $1 and trace_id = any ($2) limit $3))', target)
  using project, trace_ids, at_most;
  get diagnostics deleted = row_count;
  return deleted;
end $$;
comment on function private.delete_parts(regclass, uuid, text[], integer) is
  'Deletes some rows of these traces from one table, so that no statement grows with a trace. Returns how many.';

create function private.added(counts jsonb, what text, n bigint) returns jsonb
  language sql immutable security invoker set search_path = ''
as $$ select counts || jsonb_build_object(what, coalesce((counts ->> what)::bigint, 0) + n) $$;
comment on function private.added(jsonb, text, bigint) is 'Counts by name, with n more of one of them.';

create function private.delete_traces(project uuid, trace_ids text[], deadline timestamptz, inout counts jsonb, out finished boolean)
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  at_once constant integer := 2000;
  target regclass;
  has_totals boolean;
  remains boolean;
  deleted integer;
begin
  finished := false;
  -- The trace stays while there is more than one statement should delete, so that a call that runs
  -- out of time leaves it to be found again, with true totals.
  for target in select private.tables_of_traces() loop
    has_totals := target in ('public.completions'::regclass, 'public.spans'::regclass);
    loop
      if has_totals then
        execute format('select count(*) > $3 from (
          select from %s where project_id = $1 and trace_id = any ($2) limit $3 + 1) r', target)
        into remains using project, trace_ids, at_once;
        exit when not remains;
      end if;
      deleted := private.delete_parts(target, project, trace_ids, at_once);
      exit when deleted = 0;
      counts := private.added(counts, (parse_ident(target::text))[array_length(parse_ident(target::text), 1)], deleted);
      if clock_timestamp() > deadline then return; end if;
    end loop;
  end loop;
  -- The trace goes before the rest of its parts: their triggers then find no totals to keep.
  delete from public.traces where project_id = project and id = any (trace_ids);
  get diagnostics deleted = row_count;
  counts := private.added(counts, 'traces', deleted);
  counts := private.added(counts, 'completions', private.delete_parts('public.completions', project, trace_ids, at_once));
  counts := private.added(counts, 'spans', private.delete_parts('public.spans', project, trace_ids, at_once));
  finished := true;
end $$;
comment on function private.delete_traces(uuid, text[], timestamptz, jsonb) is
  'Deletes traces with all their parts, or as much as the deadline allows. Their rows must be locked by the caller.';

create function private.take_traces(project uuid, wanted text[], received_before timestamptz) returns text[]
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  session_ids text[];
  trace_ids text[];
begin
  -- Sessions before traces, as ingest() locks them. What is being written now is left for the next
  -- run: this side never waits, so it is in no circle of waiting.
  select array_agg(l.id) into session_ids from (
    select s.id from public.sessions s
    where s.project_id = project and s.id in (
      select t.session_id from public.traces t where t.project_id = project and t.id = any (wanted))
    for update skip locked
  ) l;
  select coalesce(array_agg(l.id), '{}') into trace_ids from (
    select t.id from public.traces t
    where t.project_id = project and t.id = any (wanted)
      -- Since it was looked for, another run may have deleted it and a late part made it anew.
      and t.received_at < received_before
      and (t.session_id is null or t.session_id = any (session_ids)
        or not exists (select from public.sessions s where s.project_id = project and s.id = t.session_id))
    for update skip locked
  ) l;
  return trace_ids;
end $$;
comment on function private.take_traces(uuid, text[], timestamptz) is
  'Locks those of the traces that nobody is writing and that were received before a moment, with their sessions, to be deleted. Returns their ids.';

create function private.expire_traces(project uuid, older_than timestamptz, deadline timestamptz, inout counts jsonb, out finished boolean)
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  old_ids text[];
  trace_ids text[];
  last_at timestamptz := '-infinity';
  last_id text := '';
begin
  loop
    -- Some hundred traces, or as many as hold some thousand spans, and at least one.
    select array_agg(w.id order by w.received_at, w.id), max(w.received_at) into old_ids, last_at
    from (
      select o.id, o.received_at, sum(o.span_count) over (order by o.received_at, o.id) - o.span_count as spans_before
      from (
        select t.id, t.received_at, t.span_count from public.traces t
        where t.project_id = project and t.received_at < older_than
          and t.received_at >= last_at and (t.received_at, t.id) > (last_at, last_id)
        order by t.received_at, t.id limit 500
      ) o
    ) w
    where w.spans_before < 2000;
    if old_ids is null then
      finished := true;
      return;
    end if;
    last_id := old_ids[cardinality(old_ids)];
    trace_ids := private.take_traces(project, old_ids, older_than);
    select d.counts, d.finished into counts, finished
    from private.delete_traces(project, trace_ids, deadline, counts) d;
    if clock_timestamp() > deadline then
      finished := false;
    end if;
    exit when not finished;
  end loop;
end $$;
comment on function private.expire_traces(uuid, timestamptz, timestamptz, jsonb) is
  'Deletes the traces of a project that were received before a moment, the oldest first, until the deadline.';

create function private.expire_sessions(project uuid, older_than timestamptz, deadline timestamptz) returns bigint
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  session_ids text[];
  newest timestamptz := '-infinity';
  deleted bigint;
  total bigint := 0;
begin
  loop
    -- Locked first and judged by the next statement: a trace that came in between is then seen, and
    -- one that comes later waits for the session.
    select array_agg(l.id), max(l.received_at) into session_ids, newest
    from (
      select s.id, s.received_at from public.sessions s
      where s.project_id = project and s.received_at < older_than and s.received_at >= newest
        and not exists (select from public.traces t where t.project_id = project and t.session_id = s.id)
      order by s.received_at limit 1000
      for update skip locked
    ) l;
    exit when session_ids is null;
    delete from public.sessions s
    where s.project_id = project and s.id = any (session_ids)
      and not exists (select from public.traces t where t.project_id = project and t.session_id = s.id);
    get diagnostics deleted = row_count;
    total := total + deleted;
    exit when deleted = 0 or clock_timestamp() > deadline;
  end loop;
  return total;
end $$;
comment on function private.expire_sessions(uuid, timestamptz, timestamptz) is
  'Deletes the sessions of a project that were received before a moment and have no traces left, until the deadline. Returns how many.';

create function private.delete_some(from_and_where text, project uuid, before timestamptz, deadline timestamptz) returns bigint
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  deleted bigint;
  total bigint := 0;
begin
  loop
    execute format(
      'delete from %1$s where ctid = any (array(select x.ctid from %2$s limit 1000 for update of x skip locked))',
      split_part(from_and_where, ' ', 1), from_and_where)
    using project, before;
    get diagnostics deleted = row_count;
    total := total + deleted;
    exit when deleted < 1000 or clock_timestamp() > deadline;
  end loop;
  return total;
end $$;
comment on function private.delete_some(text, uuid, timestamptz, timestamptz) is
  'Deletes rows of "table x where ...", in which $1 is the project and $2 a moment, a thousand at a time until the deadline.';

create function public.maintain(p_budget_ms integer default 2000) returns jsonb
  language plpgsql volatile security definer set search_path = '' set lock_timeout = '1s'
as $$
declare
  -- A message may be repeated for as long as a queue or a spool keeps it; two weeks is the longest.
  receipts_kept constant interval := '35 days';
  tokens_kept   constant interval := '90 days';
  deadline timestamptz := clock_timestamp() + make_interval(secs => p_budget_ms / 1000.0);
  counts jsonb := '{}';
  counted jsonb;
  finished boolean := true;
  expired timestamptz;
  n bigint;
  p record;
begin
  if p_budget_ms is null or p_budget_ms not between 1 and 60000 then
    raise exception 'p_budget_ms is from 1 to 60000 milliseconds.' using errcode = 'PT400';
  end if;
  for p in select e.id from private.erasures e
           where e.finished_at is null or (e.user_id is not null and e.requested_at > now() - receipts_kept) loop
    exit when not finished;
    select e.counts, e.finished into counts, finished from private.erase(p.id, deadline, counts) e;
  end loop;
  update private.erasures set user_id = null
  where user_id is not null and finished_at is not null and requested_at < now() - receipts_kept;
  -- In no order, so that a project with much to delete does not keep the others waiting run by run.
  for p in select id, retention_days, deleted_at from public.projects order by random() loop
    exit when not finished;
    counted := counts;
    begin
      expired := case when p.deleted_at is not null then 'infinity'
                      else now() - make_interval(days => p.retention_days) end;
      if expired is not null then
        select e.counts, e.finished into counts, finished
        from private.expire_traces(p.id, expired, deadline, counts) e;
        exit when not finished;
        counts := private.added(counts, 'sessions', private.expire_sessions(p.id, expired, deadline));
      end if;
      n := private.delete_some('public.receipts x where x.project_id = $1 and x.received_at < $2',
        p.id, case when p.deleted_at is not null then 'infinity' else now() - receipts_kept end, deadline);
      counts := private.added(counts, 'receipts', n);
      n := private.delete_some(
        'private.tokens x where x.project_id = $1 and least(x.revoked_at, x.expires_at) < $2',
        p.id, now() - tokens_kept, deadline);
      counts := private.added(counts, 'tokens', n);
      n := private.delete_some(
        'private.invitations x where x.project_id = $1 and least(x.accepted_at, x.expires_at) < $2',
        p.id, now() - tokens_kept, deadline);
      counts := private.added(counts, 'invitations', n);
      finished := clock_timestamp() < deadline;
      -- The row outlives every queue that may still hold a batch for the project.
      if finished and p.deleted_at < now() - receipts_kept and not exists (
          select from public.traces t where t.project_id = p.id) then
        delete from public.projects where id = p.id;
        counts := private.added(counts, 'projects', 1);
      end if;
    exception when lock_not_available or deadlock_detected then
      -- Somebody holds a part of a trace without the trace; this project's turn comes again.
      counts := private.added(counted, 'postponed', 1);
    end;
  end loop;
  return jsonb_build_object('done', finished, 'deleted', counts);
end $$;
comment on function public.maintain(integer) is
  'Deletes what retention says is over, what belonged to deleted projects and forgotten users, old receipts, and tokens and invitations that ended long ago; stops after p_budget_ms milliseconds (1 to 60000). Returns done, false when there is more to do, and deleted: rows by table. Running it late, twice, or twice at once does no harm. For the service role, on a schedule.';

-- Settings of a project --------------------------------------------------------------------------

create function private.set_retention(project uuid, days integer) returns void
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.require_manager(project);
  update public.projects set retention_days = days where id = project;
end $$;
comment on function private.set_retention(uuid, integer) is 'The inner step of public.set_retention().';

create function public.set_retention(project_id uuid, days integer) returns void
  language sql volatile security invoker set search_path = ''
as $$ select private.set_retention(project_id, days) $$;
comment on function public.set_retention(uuid, integer) is
  'Sets for how many days (1 to 36500) a project keeps its traces, counted from when they were received; null for ever. For owners, admins and the service role.';

revoke all on function
  private.tables_of_traces(), private.delete_parts(regclass, uuid, text[], integer), private.added(jsonb, text, bigint),
  private.delete_traces(uuid, text[], timestamptz, jsonb), private.take_traces(uuid, text[], timestamptz),
  private.expire_traces(uuid, timestamptz, timestamptz, jsonb),
  private.expire_sessions(uuid, timestamptz, timestamptz), private.delete_some(text, uuid, timestamptz, timestamptz),
  public.maintain(integer),
  private.set_retention(uuid, integer), public.set_retention(uuid, integer)
  from public, anon, authenticated, service_role;
grant execute on function public.maintain(integer) to service_role;
grant execute on function private.set_retention(uuid, integer), public.set_retention(uuid, integer) to authenticated, service_role;
