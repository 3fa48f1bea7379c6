CREATE OR REPLACE FUNCTION agensight_private.find_call (
  project uuid,
  part    agensight_private.tool_parts,
  OUT     home text,
  OUT     is_free boolean
)
  RETURNS record
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  run agensight_private.tool_parts := part;
  outer_run agensight_private.tool_parts;
  hops integer := 0;
begin
  is_free := false;
  home := part.id;
  if part.is_answer then
    is_free := true;
    home := coalesce(part.mate, part.id);
    return;
  elsif not part.is_run then
    return;
  end if;
  loop
    -- Another report of the same run has the id of its call.
    select o.id into home from agensight_private.tool_parts o
    where agensight_private.place_key(o.trace_id, o.run_span_id) =
      agensight_private.place_key(run.trace_id, run.run_span_id)
      and o.run_span_id is not null
      and (o.project_id, o.trace_id, o.run_span_id) is not distinct from
        (project, run.trace_id, run.run_span_id)
      and not o.is_run
    order by o.id limit 1;
    if found then
      return;
    end if;
    exit when run.around is null or hops >= 8;
    select o.*
    into outer_run
    from agensight_private.tool_parts o
    where o.project_id = project and o.trace_id = run.trace_id and o.id = run.around;
    exit when not found;
    if not outer_run.is_run then
      home := outer_run.id;
      return;
    end if;
    run := outer_run;
    hops := hops + 1;
  end loop;
  -- The outermost run. One inside it may know the call.
  with recursive inside(id, is_run, started_at, hops) as (
    select run.id, true, run.started_at, 0
    union
    select o.id, o.is_run, o.started_at, i.hops + 1
    from inside i
    cross join lateral (
      select o.id, o.is_run, o.started_at from agensight_private.tool_parts o
      where agensight_private.place_key(o.trace_id, o.around) =
        agensight_private.place_key(run.trace_id, i.id)
        and o.around is not null
        and (o.project_id, o.trace_id, o.around) is not distinct from (project, run.trace_id, i.id)
    ) o
    where i.is_run and i.hops < 8
  )
  select i.id
  into home
  from inside i
  where not i.is_run
  order by i.started_at, i.id
  limit 1;
  if home is null then
    is_free := run.id = part.id;
    home := coalesce(run.mate, run.id);
  end if;
end $function$;

COMMENT ON FUNCTION "agensight_private"."find_call"(uuid, agensight_private.tool_parts) IS 'The call that a run or an answer is for, or itself, and whether it is joined by its arguments, if at all.';

REVOKE ALL ON FUNCTION "agensight_private"."find_call"(uuid, agensight_private.tool_parts) FROM PUBLIC;
