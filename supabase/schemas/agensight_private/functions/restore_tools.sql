CREATE OR REPLACE FUNCTION agensight_private.restore_tools (
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
end $function$;

COMMENT ON FUNCTION "agensight_private"."restore_tools"(uuid, text[], text[]) IS 'Makes the rows of these parts (two lists of equal length: traces and ids) what was reported under their own ids.';

REVOKE ALL ON FUNCTION "agensight_private"."restore_tools"(uuid, text[], text[]) FROM PUBLIC;
