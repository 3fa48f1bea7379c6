-- Joining the tool runs of a batch: at its end, when all its rows are written and the traces are still locked.

create function agensight_private.relate_tools(project uuid, batch jsonb, known text[], twins jsonb) returns void
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
declare
  moved constant text[] := coalesce(
    nullif(current_setting('agensight.moved_traces', true), ''), '{}'
  );
  started text[];
  tracked text[];
  traces text[];
  ids text[];
begin
  started := array(
    select r.trace_id
    from jsonb_to_recordset(batch -> 'tools') as r(
      trace_id text, id text, span_id text, run_span_id text
    )
    where (
      r.run_span_id is not null and agensight_private.is_lone_run(r.id, r.span_id, r.run_span_id)
    )
      or (r.id like '%:result:%' and agensight_private.asking_span(r.id) is not null)
    union
    select t.trace_id from jsonb_to_recordset(twins) as t(trace_id text));
  tracked := array(
    select k.id from unnest(known) k(id)
    where (
      select true
      from agensight_private.tool_parts p
      where p.project_id = project and p.trace_id = k.id
      limit 1
    ));
  if started = '{}' and tracked = '{}' then
    return;
  end if;
  select array_agg(k.trace_id), array_agg(k.id) into traces, ids
  from (
    -- The first such run of a trace: everything that it has.
    select t.trace_id, t.id from agensight.tools t
    where t.project_id = project
      and t.trace_id = any (started)
      and (t.trace_id in (select unnest(tracked))) is not true
    union
    select r.trace_id collate "C", r.id collate "C"
    from jsonb_to_recordset(batch -> 'tools') as r(trace_id text, id text)
    where r.trace_id in (select unnest(tracked))
    union
    select t.trace_id collate "C", x.id collate "C"
    from jsonb_to_recordset(twins) as t(trace_id text, id text, twin_of text)
    cross join lateral (values (t.id), (t.twin_of)) x(id)
    where x.id is not null
    union
    -- What waits for the spans of the batch, or is on one of them.
    select p.trace_id, p.id
    from (
      select s.trace_id, s.id
      from jsonb_to_recordset(batch -> 'spans') as s(trace_id text, id text)
      where s.trace_id in (select unnest(tracked))
    ) s
    cross join lateral (
      select p.trace_id, p.id from agensight_private.tool_parts p
      where agensight_private.place_key(p.trace_id, p.missing) =
        agensight_private.place_key(s.trace_id, s.id)
        and p.missing is not null
        and (p.project_id, p.trace_id, p.missing) is not distinct from (project, s.trace_id, s.id)
      union all
      select p.trace_id, p.id from agensight_private.tool_parts p
      where agensight_private.place_key(p.trace_id, p.run_span_id) =
        agensight_private.place_key(s.trace_id, s.id)
        and p.run_span_id is not null
        and (p.project_id, p.trace_id, p.run_span_id) is not distinct from
          (project, s.trace_id, s.id)
    ) p
    union
    -- Runs inside a run whose span was known before.
    select p.trace_id, p.id
    from jsonb_to_recordset(batch -> 'tools') as r(
      trace_id text, id text, run_span_id text, name text
    )
    join agensight_private.tool_parts p on p.project_id = project
      and p.trace_id = r.trace_id collate "C"
    where r.trace_id in (select unnest(tracked)) and r.run_span_id is not null and p.steps > 0
      and (r.trace_id, r.run_span_id) not in (
        select s.trace_id, s.id
        from jsonb_to_recordset(batch -> 'spans') as s(trace_id text, id text)
        where s.id is not null
      )
      and r.run_span_id = any (p.ancestors[1:p.steps])
    union
    select p.trace_id, p.id from agensight_private.tool_parts p
    where moved <> '{}'
      and p.project_id = project
      and p.trace_id = any (moved)
      and p.trace_id = any (tracked)
  ) k;
  if traces is null then
    return;
  end if;
  perform agensight_private.join_tool_parts(project, traces, ids, twins);
end $$;
comment on function agensight_private.relate_tools(uuid, jsonb, text[], jsonb) is
  'Joins the runs of a batch to the calls of models, and those that its rows and spans concern. The rows of the traces must be locked, and known has those that existed before.';
