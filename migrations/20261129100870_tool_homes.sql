-- Tool runs, joined to the calls of models that they ran for, at the end of a batch.
--
-- A run of which an id tells the call is joined by it: another report of the same run has the id, or the run around
-- it, or one inside it. So an agent, its MCP client and the server make one row. For the others there are matches.

create function agensight_private.find_runs_around(project uuid, traces text[], ids text[]) returns void
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
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
end $$;
comment on function agensight_private.find_runs_around(uuid, text[], text[]) is
  'Finds the run of the same name around each of these (two lists of equal length: traces and ids).';

create function agensight_private.find_call(
  project uuid, part agensight_private.tool_parts, out home text, out is_free boolean
)
  language plpgsql stable security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
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
end $$;
comment on function agensight_private.find_call(uuid, agensight_private.tool_parts) is
  'The call that a run or an answer is for, or itself, and whether it is joined by its arguments, if at all.';

create function agensight_private.find_home(
  project uuid, part agensight_private.tool_parts, out home text, out is_free boolean
)
  language plpgsql stable security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
declare
  call text;
  twin text;
begin
  select f.home, f.is_free
  into call, is_free
  from agensight_private.find_call(project, part) f;
  select agensight_private.twin_of(project, p)
  into twin
  from agensight_private.tool_parts p
  where p.project_id = project and p.trace_id = part.trace_id and p.id = call and p.twin_of is not null;
  home := coalesce(twin, call);
end $$;
comment on function agensight_private.find_home(uuid, agensight_private.tool_parts) is
  'The row of tools that shows a part, and whether it is a run or an answer that is joined by its arguments, if at all.';
