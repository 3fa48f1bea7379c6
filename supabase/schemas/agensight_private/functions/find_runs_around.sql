CREATE OR REPLACE FUNCTION agensight_private.find_runs_around (
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
  update agensight_private.tool_parts x
  set around = f.around
  from (
    select p.at, (
      select o.id
      from unnest(p.ancestors) with ordinality a(span_id, place)
      cross join lateral (
        select o.id from agensight_private.tool_parts o
        where agensight_private.place_key(o.trace_id, o.run_span_id) =
          agensight_private.place_key(p.trace_id, a.span_id)
          and o.run_span_id is not null
          and (o.project_id, o.trace_id, o.run_span_id) is not distinct from
            (project, p.trace_id, a.span_id)
          and o.name = p.name and o.id <> p.id and o.run_span_id <> p.run_span_id
        order by o.is_run, o.id limit 1
      ) o
      where a.place <= p.steps and p.run_span_id is not null
      order by a.place limit 1
    ) as around
    from (
      select distinct u.trace_id collate "C" as trace_id, u.id collate "C" as id
      from unnest(traces, ids) u(trace_id, id)
    ) k
    cross join lateral (
      select p.ctid as at, p.* from agensight_private.tool_parts p
      where p.project_id = project and p.trace_id = k.trace_id and p.id = k.id offset 0
    ) p
  ) f
  where x.ctid = f.at and x.around is distinct from f.around;
end $function$;

COMMENT ON FUNCTION "agensight_private"."find_runs_around"(uuid, text[], text[]) IS 'Finds the run of the same name around each of these (two lists of equal length: traces and ids).';

REVOKE ALL ON FUNCTION "agensight_private"."find_runs_around"(uuid, text[], text[]) FROM PUBLIC;
