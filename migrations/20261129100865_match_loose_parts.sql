-- Which call a run is joined to that has other arguments besides those that the model wrote.

create function agensight_private.match_loose_parts(
  project uuid, traces text[], names text[]
) returns table (trace_id text, id text)
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  -- Each of the runs of one name that are left is compared with each of the calls.
  most constant integer := 50;
  pair record;
  runs text[];
  calls text[];
  trace text;
  tool text;
begin
  for trace, tool in select distinct u.trace_id, u.name
  from unnest(traces, names) u(trace_id, name)
  where u.name is not null
  order by 1, 2 loop
    runs := '{}';
    calls := '{}';
    for pair in
      with free as materialized (
        select k.* from (values (true), (false)) s(is_run)
        cross join lateral (
          select p.id, p.is_run, p.arguments, p.ancestors, p.started_at
          from agensight_private.tool_parts p
          where agensight_private.place_key(p.trace_id, p.name) =
            agensight_private.place_key(trace, tool)
            and p.is_run = s.is_run
            and (p.mate is null or p.is_loose)
            and not p.is_answer
            and (p.is_run or p.run_span_id is null)
            and (p.project_id, p.trace_id, p.name) is not distinct from (project, trace, tool)
            and (p.is_free or not p.is_run)
            and agensight_private.twin_of(project, p) is null
            and (p.is_run or not agensight_private.is_provider_run(project, p))
          order by p.id limit most
        ) k
      )
      select r.id as run_id, c.id as call_id
      from free r
      join free c on not c.is_run
        and jsonb_typeof(c.arguments) = 'object'
        and r.arguments @> c.arguments
        and r.arguments <> c.arguments
      cross join lateral (
        select count(*) as shared
        from generate_series(1, least(cardinality(r.ancestors), cardinality(c.ancestors))) d(n)
        where r.ancestors[cardinality(r.ancestors) - d.n + 1] =
          c.ancestors[cardinality(c.ancestors) - d.n + 1]
      ) a
      where r.is_run and jsonb_typeof(r.arguments) = 'object'
      order by
        a.shared desc,
        (select count(*) from jsonb_object_keys(c.arguments)) desc,
        r.started_at, r.id, c.started_at, c.id
    loop
      if pair.run_id <> all (runs) and pair.call_id <> all (calls) then
        runs := runs || pair.run_id;
        calls := calls || pair.call_id;
      end if;
    end loop;
    return query
    update agensight_private.tool_parts x
    set mate = n.mate, is_loose = n.mate is not null
    from (
      select p.ctid as at, m.mate from agensight_private.tool_parts p
      left join (
        select u.run as id, u.call as mate from unnest(runs, calls) u(run, call)
        union all
        select u.call, u.run from unnest(runs, calls) u(run, call)
      ) m on m.id = p.id
      where agensight_private.place_key(p.trace_id, p.name) =
        agensight_private.place_key(trace, tool)
        and (p.mate is null or p.is_loose)
        and not p.is_answer
        and (p.is_run or p.run_span_id is null)
        and (p.is_loose or m.mate is not null)
        and (p.project_id, p.trace_id, p.name) is not distinct from (project, trace, tool)
    ) n
    where x.ctid = n.at and x.mate is distinct from n.mate
    returning x.trace_id, x.id;
  end loop;
end $$;
comment on function agensight_private.match_loose_parts(uuid, text[], text[]) is
  'Gives runs that are left the calls of whose arguments they have all, for these tools (two lists of equal length: traces and names). Returns the parts with another mate than before.';
