-- The rows of tools: what was reported under their own ids, and what the runs that are joined to them reported.

create function agensight_private.tool_fields(record jsonb) returns jsonb
  language sql immutable parallel safe security invoker set search_path = ''
as $$ select record - '{project_id}'::text[] $$;
comment on function agensight_private.tool_fields(jsonb) is 'A row of tools as a record.';

create function agensight_private.take_off_tools(project uuid, records jsonb, known text[]) returns void
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
declare
  traces text[];
  ids text[];
begin
  -- The rows that are about to be written: those that show more, and the runs that have no row.
  select array_agg(p.trace_id), array_agg(p.id) into traces, ids
  from (
    select distinct r.trace_id collate "C" as trace_id, r.id collate "C" as id
    from jsonb_to_recordset(records) as r(trace_id text, id text)
    where r.trace_id in (select k.id from unnest(known) k(id))
  ) r
  cross join lateral (
    select p.trace_id, p.id from agensight_private.tool_parts p
    where p.project_id = project
      and p.trace_id = r.trace_id
      and p.id = r.id
      and p.record is not null
    offset 0
  ) p;
  if traces is not null then
    perform agensight_private.restore_tools(project, traces, ids);
  end if;
end $$;
comment on function agensight_private.take_off_tools(uuid, jsonb, text[]) is
  'Gives the rows of tools that are about to be written, in these known traces, back what was reported under their own ids.';

create function agensight_private.restore_tools(project uuid, traces text[], ids text[]) returns void
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
begin
  with parts as materialized (
    select p.at, p.trace_id, p.id, p.record
    from (
      select distinct u.trace_id collate "C" as trace_id, u.id collate "C" as id
      from unnest(traces, ids) u(trace_id, id)
    ) k
    cross join lateral (
      select p.ctid as at, p.trace_id, p.id, p.record from agensight_private.tool_parts p
      where p.project_id = project
        and p.trace_id = k.trace_id
        and p.id = k.id
        and p.record is not null
      offset 0
    ) p
  ), kept as (
    update agensight_private.tool_parts p set record = null, home = p.id
    from parts k where p.ctid = k.at
  )
  insert into agensight.tools as t (
    project_id, trace_id, id, span_id, run_span_id, name, arguments, output, status,
    error, started_at, ended_at, merge_state
  )
  select
    project, k.trace_id, k.id, r.span_id, r.run_span_id, r.name, r.arguments, r.output,
    r.status, r.error, r.started_at, r.ended_at, r.merge_state
  from parts k cross join lateral jsonb_populate_record(null::agensight.tools, k.record) r
  order by k.trace_id, k.id
  on conflict (project_id, trace_id, id) do update
  set (
    span_id, run_span_id, name, arguments, output, status, error,
    started_at, ended_at, merge_state
  ) = (
    excluded.span_id, excluded.run_span_id, excluded.name, excluded.arguments, excluded.output, excluded.status,
    excluded.error, excluded.started_at, excluded.ended_at, excluded.merge_state
  );
end $$;
comment on function agensight_private.restore_tools(uuid, text[], text[]) is
  'Makes the rows of these parts (two lists of equal length: traces and ids) what was reported under their own ids.';

create function agensight_private.place_tools(project uuid, traces text[], ids text[]) returns void
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
declare
  moved_traces text[];
  moved_ids text[];
  moved_homes text[];
  target_traces text[];
  targets text[];
  joined jsonb;
begin
  select array_agg(p.trace_id), array_agg(p.id), array_agg((f.found).home)
  into moved_traces, moved_ids, moved_homes
  from (
    select distinct u.trace_id collate "C" as trace_id, u.id collate "C" as id
    from unnest(traces, ids) u(trace_id, id)
  ) k
  cross join lateral (
    select p as part, p.trace_id, p.id from agensight_private.tool_parts p
    where p.project_id = project
      and p.trace_id = k.trace_id
      and p.id = k.id
      and (p.is_run or p.is_answer or p.twin_of is not null)
    offset 0
  ) p
  cross join lateral (select agensight_private.find_home(project, p.part) as found) f;
  -- All rows that lose or get a run, or were written; they become what they were without any.
  select array_agg(t.trace_id), array_agg(t.id) into target_traces, targets
  from (
    select u.trace_id collate "C" as trace_id, u.id collate "C" as id
    from unnest(traces, ids) u(trace_id, id)
    union
    select u.trace_id, u.home from unnest(moved_traces, moved_homes) u(trace_id, home)
    union
    select p.trace_id, p.home from unnest(traces, ids) u(trace_id, id)
    cross join lateral (
      select p.trace_id, p.home from agensight_private.tool_parts p
      where p.project_id = project and p.trace_id = u.trace_id and p.id = u.id offset 0
    ) p
  ) t;
  -- The runs that they keep are joined to them again.
  select array_agg(k.trace_id), array_agg(k.id), array_agg(k.home)
  into moved_traces, moved_ids, moved_homes
  from (
    select u.trace_id collate "C" as trace_id, u.id collate "C" as id, u.home collate "C" as home
    from unnest(moved_traces, moved_ids, moved_homes) u(trace_id, id, home)
    union all
    select p.trace_id, p.id, p.home from unnest(target_traces, targets) t(trace_id, id)
    cross join lateral (
      select p.trace_id, p.id, p.home from agensight_private.tool_parts p
      where agensight_private.place_key(p.trace_id, p.home) =
        agensight_private.place_key(t.trace_id, t.id)
        and p.home <> p.id
        and (p.project_id, p.trace_id, p.home) is not distinct from (project, t.trace_id, t.id)
    ) p
    where not exists (
      select
      from unnest(traces, ids) m(trace_id, id)
      where m.trace_id = p.trace_id and m.id = p.id
    )
  ) k;
  perform agensight_private.restore_tools(
    project, target_traces || moved_traces, targets || moved_ids
  );

  with joins as materialized (
    select u.trace_id, u.id, u.home, t.at, t.record, p.at as part_at, p.mate, p.twin_of
    from unnest(moved_traces, moved_ids, moved_homes) u(trace_id, id, home)
    cross join lateral (
      select t.ctid as at, agensight_private.tool_fields(to_jsonb(t)) as record
      from agensight.tools t
      where t.project_id = project and t.trace_id = u.trace_id and t.id = u.id offset 0
    ) t
    cross join lateral (
      select p.ctid as at, p.mate, p.twin_of from agensight_private.tool_parts p
      where p.project_id = project and p.trace_id = u.trace_id and p.id = u.id offset 0
    ) p
    where u.home <> u.id
  ), gone as (
    delete from agensight.tools t
    using joins j
    where t.ctid = j.at
  ), moved as (
    update agensight_private.tool_parts p set record = j.record, home = j.home
    from joins j where p.ctid = j.part_at
  ), kept as (
    update agensight_private.tool_parts p set record = h.record
    from (
      select q.at, t.record
      from (select distinct j.trace_id, j.home from joins j) h
      cross join lateral (
        select agensight_private.tool_fields(to_jsonb(t)) as record from agensight.tools t
        where t.project_id = project and t.trace_id = h.trace_id and t.id = h.home offset 0
      ) t
      cross join lateral (
        select q.ctid as at from agensight_private.tool_parts q
        where q.project_id = project and q.trace_id = h.trace_id and q.id = h.home offset 0
      ) q
    ) h
    where p.ctid = h.at
  )
  select jsonb_agg(
    -- The call that was found by its arguments keeps what the model wrote, and a call with a twin its span.
    j.record - case
      when j.twin_of is not null then '{name,arguments,span_id}'::text[]
      when j.mate is not null then '{name,arguments}'
      else '{}' end || jsonb_build_object('id', j.home)
    order by j.trace_id, j.home, j.id) into joined
  from joins j;
  perform agensight_private.write_tools(project, joined);
end $$;
comment on function agensight_private.place_tools(uuid, text[], text[]) is
  'Joins these runs (two lists of equal length: traces and ids) to the rows that show them, and makes all rows show the runs that are joined to them.';
