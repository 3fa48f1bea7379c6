CREATE OR REPLACE FUNCTION agensight_private.place_tools (
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
end $function$;

COMMENT ON FUNCTION "agensight_private"."place_tools"(uuid, text[], text[]) IS 'Joins these runs (two lists of equal length: traces and ids) to the rows that show them, and makes all rows show the runs that are joined to them.';

REVOKE ALL ON FUNCTION "agensight_private"."place_tools"(uuid, text[], text[]) FROM PUBLIC;
