CREATE OR REPLACE FUNCTION agensight_private.write_tool_parts (
  project uuid,
  traces  text[],
  ids     text[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
begin
  with parts as materialized (
    select
      k.trace_id, k.id,
      agensight_private.is_lone_run(t.id, t.span_id, t.run_span_id) as is_run,
      t.run_span_id, t.name,
      coalesce(nullif(t.arguments, 'null'), '{}') as arguments,
      x.span_id, x.is_answer, t.started_at, s.parent_id as run_parent_id,
      q.started_at as requested_at
    from (
      select distinct u.trace_id collate "C" as trace_id, u.id collate "C" as id
      from unnest(traces, ids) u(trace_id, id)
    ) k
    cross join lateral (
      select r.*
      from agensight_private.tool_parts p
      cross join lateral jsonb_populate_record(null::agensight.tools, p.record) r
      where p.project_id = project
        and p.trace_id = k.trace_id
        and p.id = k.id
        and p.record is not null
      union all
      select t.* from agensight.tools t
      where t.project_id = project and t.trace_id = k.trace_id and t.id = k.id and not exists (
        select from agensight_private.tool_parts p
        where p.project_id = project
          and p.trace_id = k.trace_id
          and p.id = k.id
          and p.record is not null)
    ) t
    cross join lateral (
      select
        coalesce(t.span_id, agensight_private.asking_span(t.id)) as span_id,
        num_nonnulls(t.span_id, t.run_span_id) = 0
          and agensight_private.asking_span(t.id) is not null as is_answer
    ) x
    left join lateral (
      select s.parent_id from agensight.spans s
      where s.project_id = project and s.trace_id = k.trace_id and s.id = t.run_span_id offset 0
    ) s on true
    left join lateral (
      select s.started_at from agensight.spans s
      where s.project_id = project and s.trace_id = k.trace_id and s.id = x.span_id offset 0
    ) q on true
  ), climbs as materialized (
    select c.*
    from (
      select
        array_agg(p.trace_id) as traces,
        array_agg(p.id) as ids,
        array_agg(
          -- Where the span of a run is not stored, that is what its way up is missing.
          case
            when p.run_span_id is null then p.span_id
            when p.run_parent_id is null then p.run_span_id
            else p.run_parent_id
          end) as starts
      from parts p
    ) p
    cross join lateral agensight_private.climb_from_tools(project, p.traces, p.ids, p.starts) c
  )
  insert into agensight_private.tool_parts as x (
    project_id, trace_id, id, is_run, is_answer, run_span_id, name, arguments, values_key,
    started_at, ancestors, steps, missing, home
  )
  select
    project, p.trace_id, p.id, p.is_run is true, p.is_answer, p.run_span_id, p.name, p.arguments,
    hashtextextended(
      coalesce(p.name, '') || ' ' || coalesce(agensight_private.argument_values(p.arguments)::text, ''), 0),
    case when p.run_span_id is null then p.requested_at else p.started_at end,
    c.ancestors, c.steps, c.missing, p.id
  from parts p
  join climbs c on c.trace_id = p.trace_id and c.id = p.id
  order by p.trace_id, p.id
  on conflict (project_id, trace_id, id) do update
  set (
    is_run, is_answer, run_span_id, name, arguments,
    values_key, started_at, ancestors, steps, missing
  ) = (
    excluded.is_run, excluded.is_answer, excluded.run_span_id, excluded.name, excluded.arguments,
    excluded.values_key, excluded.started_at, excluded.ancestors, excluded.steps, excluded.missing
  );
end $function$;

COMMENT ON FUNCTION "agensight_private"."write_tool_parts"(uuid, text[], text[]) IS 'Writes what these rows of tools (two lists of equal length: traces and ids) are joined by.';

REVOKE ALL ON FUNCTION "agensight_private"."write_tool_parts"(uuid, text[], text[]) FROM PUBLIC;
