CREATE OR REPLACE FUNCTION agensight_private.join_tool_parts (
  project uuid,
  traces  text[],
  ids     text[],
  twins   jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  group_traces text[];
  group_keys bigint[];
  group_names text[];
  old_traces text[];
  old_keys bigint[];
  old_names text[];
begin
  -- What had equal arguments before is matched again, too.
  select array_agg(p.trace_id), array_agg(p.values_key), array_agg(p.name)
  into old_traces, old_keys, old_names
  from unnest(traces, ids) u(trace_id, id)
  cross join lateral (
    select p.trace_id, p.values_key, p.name from agensight_private.tool_parts p
    where p.project_id = project and p.trace_id = u.trace_id and p.id = u.id offset 0
  ) p;
  perform agensight_private.write_tool_parts(project, traces, ids);
  update agensight_private.tool_parts p
  set twin_of = t.twin_of
  from (
    select p.at, t.twin_of
    from jsonb_to_recordset(twins) as t(trace_id text, id text, twin_of text)
    cross join lateral (
      select p.ctid as at, p.twin_of from agensight_private.tool_parts p
      where p.project_id = project and p.trace_id = t.trace_id and p.id = t.id offset 0
    ) p
    where p.twin_of is distinct from t.twin_of
  ) t
  where p.ctid = t.at;
  -- What was around one of these, or inside it, may be no longer: its run may be on another span now.
  select traces || array_agg(x.trace_id), ids || array_agg(x.id) into traces, ids
  from unnest(traces, ids) u(trace_id, id)
  cross join lateral (
    select p.trace_id, p.around as id
    from agensight_private.tool_parts p
    where p.project_id = project and p.trace_id = u.trace_id and p.id = u.id and p.around is not null
    union all
    select o.trace_id, o.id
    from agensight_private.tool_parts o
    where agensight_private.place_key(o.trace_id, o.around) =
      agensight_private.place_key(u.trace_id, u.id)
      and o.around is not null
      and (o.project_id, o.trace_id, o.around) is not distinct from (project, u.trace_id, u.id)
  ) x;
  perform agensight_private.find_runs_around(project, traces, ids);
  -- Also those whose row an id of one of these tells, or told: around, inside, of the same run.
  with recursive touched(trace_id, id) as (
    select u.trace_id collate "C", u.id collate "C" from unnest(traces, ids) u(trace_id, id)
    union
    select t.trace_id, x.id
    from touched t
    cross join lateral (
      select p.* from agensight_private.tool_parts p
      where p.project_id = project and p.trace_id = t.trace_id and p.id = t.id offset 0
    ) p
    cross join lateral (
      select p.around as id where p.around is not null
      union all
      select o.id from agensight_private.tool_parts o
      where agensight_private.place_key(o.trace_id, o.around) =
        agensight_private.place_key(p.trace_id, p.id)
        and o.around is not null
        and (o.project_id, o.trace_id, o.around) is not distinct from (project, p.trace_id, p.id)
      union all
      select o.id from agensight_private.tool_parts o
      where agensight_private.place_key(o.trace_id, o.run_span_id) =
        agensight_private.place_key(p.trace_id, p.run_span_id)
        and o.run_span_id is not null
        and (o.project_id, o.trace_id, o.run_span_id) is not distinct from
          (project, p.trace_id, p.run_span_id)
    ) x
  )
  select array_agg(t.trace_id), array_agg(t.id)
  into traces, ids
  from touched t;
  -- The names and values for which mates are found anew: also those of mates that may be free again.
  select array_agg(g.trace_id), array_agg(g.values_key), array_agg(g.name)
  into group_traces, group_keys, group_names
  from (
    select distinct x.trace_id, x.values_key, x.name
    from unnest(traces, ids) u(trace_id, id)
    cross join lateral (
      select p.trace_id, p.values_key, p.name, p.mate from agensight_private.tool_parts p
      where p.project_id = project and p.trace_id = u.trace_id and p.id = u.id offset 0
    ) p
    cross join lateral (
      select p.trace_id, p.values_key, p.name
      union all
      select m.trace_id, m.values_key, m.name from agensight_private.tool_parts m
      where m.project_id = project and m.trace_id = p.trace_id and m.id = p.mate
    ) x
    union
    select o.trace_id, o.values_key, o.name
    from unnest(old_traces, old_keys, old_names) o(trace_id, values_key, name)
  ) g;
  update agensight_private.tool_parts x
  set is_free = f.is_free,
      mate = case when f.may_have_mate then x.mate end,
      is_loose = x.is_loose and f.may_have_mate
  from (
    select
      p.at,
      (h.found).is_free,
      (h.found).is_free
        or (not (p.part).is_run and (p.part).run_span_id is null and agensight_private.twin_of(project, p.part) is null) as may_have_mate
    from unnest(traces, ids) u(trace_id, id)
    cross join lateral (
      select p as part, p.ctid as at from agensight_private.tool_parts p
      where p.project_id = project and p.trace_id = u.trace_id and p.id = u.id offset 0
    ) p
    cross join lateral (select agensight_private.find_home(project, p.part) as found) h
  ) f
  where x.ctid = f.at
    and (x.is_free <> f.is_free or (x.mate is not null and not f.may_have_mate));
  select traces || array_agg(m.trace_id), ids || array_agg(m.id) into traces, ids
  from agensight_private.match_equal_parts(project, group_traces, group_keys) m;
  select traces || array_agg(m.trace_id), ids || array_agg(m.id) into traces, ids
  from agensight_private.match_loose_parts(project, group_traces, group_names) m;
  -- Runs inside a run go where it goes.
  with recursive inside(trace_id, id) as (
    select u.trace_id collate "C", u.id collate "C" from unnest(traces, ids) u(trace_id, id)
    union
    select i.trace_id, o.id
    from inside i
    cross join lateral (
      select o.id from agensight_private.tool_parts o
      where agensight_private.place_key(o.trace_id, o.around) =
        agensight_private.place_key(i.trace_id, i.id)
        and o.around is not null
        and (o.project_id, o.trace_id, o.around) is not distinct from (project, i.trace_id, i.id)
    ) o
  )
  select array_agg(i.trace_id), array_agg(i.id)
  into traces, ids
  from inside i;
  perform agensight_private.place_tools(project, traces, ids);
end $function$;

COMMENT ON FUNCTION "agensight_private"."join_tool_parts"(uuid, text[], text[], jsonb) IS 'Decides again what is joined to what, for these rows of tools (two lists of equal length: traces and ids) and those that they concern.';

REVOKE ALL ON FUNCTION "agensight_private"."join_tool_parts"(uuid, text[], text[], jsonb) FROM PUBLIC;
