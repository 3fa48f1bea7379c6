CREATE OR REPLACE FUNCTION agensight_private.run_erasure (
  erasure  uuid,
  deadline timestamp with time zone,
  INOUT    counts jsonb,
  OUT      finished boolean
)
  RETURNS record
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
end $function$;

COMMENT ON FUNCTION "agensight_private"."run_erasure"(uuid, timestamp with time zone, jsonb) IS 'Carries out an erasure, until the deadline; called again for data that arrived late. Never waits for locks.';

REVOKE ALL ON FUNCTION "agensight_private"."run_erasure"(uuid, timestamp WITH time zone, jsonb) FROM PUBLIC;
