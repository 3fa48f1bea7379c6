-- Retention: a project may limit for how many days it keeps its traces, and maintain() enforces it.
--
-- Age is counted from the moment a row was first received, by the database's own clock: a client whose
-- clock is wrong neither loses its data early nor keeps it forever, and what arrives late is kept its
-- full time. There are no partitions to drop (see ARCHITECTURE.md), so maintain() deletes in small
-- batches, by ranges of the keys, traces that no transaction is writing at that moment.

create function agensight_private.trace_tables() returns setof regclass
  language sql stable security invoker set search_path = ''
as $$
  select c.oid::regclass from pg_catalog.pg_class c
  where c.relnamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace) and c.relkind = 'r'
    and 2 = (select count(*) from pg_catalog.pg_attribute a
             where a.attrelid = c.oid and a.attname in ('project_id', 'trace_id') and not a.attisdropped)
  order by c.oid in ('agensight.completions'::regclass, 'agensight.spans'::regclass), c.oid
$$;
comment on function agensight_private.trace_tables() is
  'The tables that hold parts of traces, by their columns project_id and trace_id; those whose deletes touch the totals of the trace come last.';

create function agensight_private.delete_trace_rows(target regclass, project uuid, trace_ids text[], at_most integer) returns integer
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
comment on function agensight_private.delete_trace_rows(regclass, uuid, text[], integer) is
  'Deletes some rows of these traces from one table, so that no statement grows with a trace. Returns how many.';

create function agensight_private.add_count(counts jsonb, what text, n bigint) returns jsonb
  language sql immutable security invoker set search_path = ''
as $$ select counts || jsonb_build_object(what, coalesce((counts ->> what)::bigint, 0) + n) $$;
comment on function agensight_private.add_count(jsonb, text, bigint) is 'Counts by name, with n more of one of them.';

create function agensight_private.delete_traces(project uuid, trace_ids text[], deadline timestamptz, inout counts jsonb, out finished boolean)
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
  -- out of time leaves it to be found again, with correct totals.
  for target in select agensight_private.trace_tables() loop
    has_totals := target in ('agensight.completions'::regclass, 'agensight.spans'::regclass);
    loop
      if has_totals then
        execute format('select count(*) > $3 from (
          select from %s where project_id = $1 and trace_id = any ($2) limit $3 + 1) r', target)
        into remains using project, trace_ids, at_once;
        exit when not remains;
      end if;
      deleted := agensight_private.delete_trace_rows(target, project, trace_ids, at_once);
      exit when deleted = 0;
      counts := agensight_private.add_count(counts, (parse_ident(target::text))[array_length(parse_ident(target::text), 1)], deleted);
      if clock_timestamp() > deadline then return; end if;
    end loop;
  end loop;
  -- The trace is deleted before the rest of its parts: their triggers then find no totals to keep.
  delete from agensight.traces where project_id = project and id = any (trace_ids);
  get diagnostics deleted = row_count;
  counts := agensight_private.add_count(counts, 'traces', deleted);
  counts := agensight_private.add_count(counts, 'completions', agensight_private.delete_trace_rows('agensight.completions', project, trace_ids, at_once));
  counts := agensight_private.add_count(counts, 'spans', agensight_private.delete_trace_rows('agensight.spans', project, trace_ids, at_once));
  finished := true;
end $$;
comment on function agensight_private.delete_traces(uuid, text[], timestamptz, jsonb) is
  'Deletes traces with all their parts, or as much as the deadline allows. Their rows must be locked by the caller.';

create function agensight_private.lock_deletable_traces(project uuid, wanted text[], received_before timestamptz) returns text[]
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  session_ids text[];
  trace_ids text[];
begin
  -- What is being written now is left for the next run: skipping locked rows never waits, so it cannot
  -- be part of a deadlock.
  select array_agg(l.id) into session_ids from (
    select s.id from agensight.sessions s
    where s.project_id = project and s.id in (
      select t.session_id from agensight.traces t where t.project_id = project and t.id = any (wanted))
    for update skip locked
  ) l;
  select coalesce(array_agg(l.id), '{}') into trace_ids from (
    select t.id from agensight.traces t
    where t.project_id = project and t.id = any (wanted)
      -- Since it was found, another run may have deleted it and a late record made it again.
      and t.received_at < received_before
      and (t.session_id is null or t.session_id = any (session_ids)
        or not exists (select from agensight.sessions s where s.project_id = project and s.id = t.session_id))
    for update skip locked
  ) l;
  return trace_ids;
end $$;
comment on function agensight_private.lock_deletable_traces(uuid, text[], timestamptz) is
  'Locks those of the traces that no other transaction is writing and that were received before a moment, with their sessions, to be deleted. Returns their ids.';

create function agensight_private.expire_traces(project uuid, older_than timestamptz, deadline timestamptz, inout counts jsonb, out finished boolean)
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
        select t.id, t.received_at, t.span_count from agensight.traces t
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
    trace_ids := agensight_private.lock_deletable_traces(project, old_ids, older_than);
    select d.counts, d.finished into counts, finished
    from agensight_private.delete_traces(project, trace_ids, deadline, counts) d;
    if clock_timestamp() > deadline then
      finished := false;
    end if;
    exit when not finished;
  end loop;
end $$;
comment on function agensight_private.expire_traces(uuid, timestamptz, timestamptz, jsonb) is
  'Deletes the traces of a project that were received before a moment, the oldest first, until the deadline.';

create function agensight_private.expire_sessions(project uuid, older_than timestamptz, deadline timestamptz) returns bigint
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  session_ids text[];
  newest timestamptz := '-infinity';
  deleted bigint;
  total bigint := 0;
begin
  loop
    -- Locked first and checked by the next statement: it sees a trace that was inserted in between, and
    -- one that is inserted later waits for the session.
    select array_agg(l.id), max(l.received_at) into session_ids, newest
    from (
      select s.id, s.received_at from agensight.sessions s
      where s.project_id = project and s.received_at < older_than and s.received_at >= newest
        and not exists (select from agensight.traces t where t.project_id = project and t.session_id = s.id)
      order by s.received_at limit 1000
      for update skip locked
    ) l;
    exit when session_ids is null;
    delete from agensight.sessions s
    where s.project_id = project and s.id = any (session_ids)
      and not exists (select from agensight.traces t where t.project_id = project and t.session_id = s.id);
    get diagnostics deleted = row_count;
    total := total + deleted;
    exit when deleted = 0 or clock_timestamp() > deadline;
  end loop;
  return total;
end $$;
comment on function agensight_private.expire_sessions(uuid, timestamptz, timestamptz) is
  'Deletes the sessions of a project that were received before a moment and have no traces left, until the deadline. Returns how many.';

create function agensight_private.delete_in_batches(from_and_where text, project uuid, before timestamptz, deadline timestamptz) returns bigint
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
comment on function agensight_private.delete_in_batches(text, uuid, timestamptz, timestamptz) is
  'Deletes rows of "table x where ...", in which $1 is the project and $2 a moment, a thousand at a time until the deadline.';

create function agensight_private.delete_expired(p_budget_ms integer default 2000) returns jsonb
  language plpgsql volatile security definer set search_path = '' set lock_timeout = '1s'
as $$
declare
  -- A batch may be sent again for as long as a queue or a spool keeps it; two weeks is the longest.
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
  for p in select e.id from agensight_private.erasures e
           where e.finished_at is null or (e.user_id is not null and e.requested_at > now() - receipts_kept) loop
    exit when not finished;
    select e.counts, e.finished into counts, finished from agensight_private.run_erasure(p.id, deadline, counts) e;
  end loop;
  update agensight_private.erasures set user_id = null
  where user_id is not null and finished_at is not null and requested_at < now() - receipts_kept;
  -- In random order, so that a project with much to delete does not delay the others run after run.
  for p in select id, retention_days, deleted_at from agensight.projects order by random() loop
    exit when not finished;
    counted := counts;
    begin
      expired := case when p.deleted_at is not null then 'infinity'
                      else now() - make_interval(days => p.retention_days) end;
      if expired is not null then
        select e.counts, e.finished into counts, finished
        from agensight_private.expire_traces(p.id, expired, deadline, counts) e;
        exit when not finished;
        counts := agensight_private.add_count(counts, 'sessions', agensight_private.expire_sessions(p.id, expired, deadline));
      end if;
      n := agensight_private.delete_in_batches('agensight.receipts x where x.project_id = $1 and x.received_at < $2',
        p.id, case when p.deleted_at is not null then 'infinity' else now() - receipts_kept end, deadline);
      counts := agensight_private.add_count(counts, 'receipts', n);
      n := agensight_private.delete_in_batches(
        'agensight_private.tokens x where x.project_id = $1 and least(x.revoked_at, x.expires_at) < $2',
        p.id, now() - tokens_kept, deadline);
      counts := agensight_private.add_count(counts, 'tokens', n);
      n := agensight_private.delete_in_batches(
        'agensight_private.invitations x where x.project_id = $1 and least(x.accepted_at, x.expires_at) < $2',
        p.id, now() - tokens_kept, deadline);
      counts := agensight_private.add_count(counts, 'invitations', n);
      finished := clock_timestamp() < deadline;
      -- The row is kept longer than any queue may hold a batch for the project.
      if finished and p.deleted_at < now() - receipts_kept and not exists (
          select from agensight.traces t where t.project_id = p.id) then
        delete from agensight.projects where id = p.id;
        counts := agensight_private.add_count(counts, 'projects', 1);
      end if;
    exception when lock_not_available or deadlock_detected then
      -- Another transaction locks a part of a trace without the trace; the next run continues this project.
      counts := agensight_private.add_count(counted, 'postponed', 1);
    end;
  end loop;
  return jsonb_build_object('done', finished, 'deleted', counts);
end $$;
comment on function agensight_private.delete_expired(integer) is
  'Deletes expired traces and sessions, records of deleted projects and erased users, old receipts, and tokens and invitations that ended long ago; stops after p_budget_ms milliseconds (1 to 60000). Returns done, false when there is more to do, and deleted: rows by table.';

create function agensight.maintain(p_budget_ms integer default 2000) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  deadline constant timestamptz := clock_timestamp() + make_interval(secs => p_budget_ms / 1000.0);
  answer constant jsonb := agensight_private.delete_expired(p_budget_ms);
  indexed integer;
begin
  loop
    indexed := agensight.index_traces(100);
    exit when indexed < 100;
    if clock_timestamp() > deadline then
      return answer || '{"done": false}';
    end if;
  end loop;
  return answer;
end $$;
comment on function agensight.maintain(integer) is
  'Deletes expired traces and sessions, records of deleted projects, old receipts and long-ended tokens, erases users again whose data arrived late, and indexes new traces for search_traces(); stops after p_budget_ms milliseconds (1 to 60000). Returns done, false when there is more to do, and deleted: rows by table. It may run late, twice, or concurrently. For the service role, on a schedule.';
