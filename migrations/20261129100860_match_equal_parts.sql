-- Which call a run is joined to, where no id tells it.
--
-- By name and arguments, below the nearest span that is above both, in order of time: the first run to the first
-- call. So parallel agents with equal calls keep their own. What is left is joined where the run has all arguments
-- that the model wrote, and others, as defaults are; the call of which it has the most first. Work is bounded for
-- each name with equal arguments, and what exceeds the bound keeps a row of its own.

create function agensight_private.is_provider_run(project uuid, part agensight_private.tool_parts) returns boolean
  language plpgsql stable security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
begin
  -- Of a call, the first ancestor is the span that requested it. There, it has a type of the provider's own.
  return coalesce((
    select true from agensight.completions c
    where c.project_id = project and c.trace_id = part.trace_id and c.span_id = part.ancestors[1]
      and c.parts @> jsonb_build_array(jsonb_build_object('id', part.id))
      and not c.parts @> jsonb_build_array(jsonb_build_object('id', part.id, 'type', 'tool_call'))
    limit 1), false);
end $$;
comment on function agensight_private.is_provider_run(uuid, agensight_private.tool_parts) is
  'Whether the provider ran this call itself, so that no run of the program is for it.';

create function agensight_private.match_equal_parts(
  project uuid, traces text[], value_keys bigint[]
) returns table (trace_id text, id text)
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  -- Of calls, of runs, and of answers with equal names and values. More are an attack, or a loop without end.
  most constant integer := 300;
  members agensight_private.tool_parts[];
  seeker_keys text[] := '{}';
  call_keys text[] := '{}';
  taken text[];
  found_runs text[];
  found_calls text[];
  deepest integer;
  runs integer := 0;
begin
  select array_agg(m.part), max(cardinality((m.part).ancestors)) into members, deepest
  from (
    select distinct u.trace_id collate "C" as trace_id, u.value_key
    from unnest(traces, value_keys) u(trace_id, value_key)
  ) k
  cross join (values (false, false), (true, false), (false, true)) s(is_run, is_answer)
  cross join lateral (
    select p as part from agensight_private.tool_parts p
    where agensight_private.place_key(p.trace_id, p.values_key::text) =
      agensight_private.place_key(k.trace_id, k.value_key::text)
      and p.is_run = s.is_run and p.is_answer = s.is_answer
      and (p.project_id, p.trace_id, p.values_key) is not distinct from
        (project, k.trace_id, k.value_key)
    order by p.started_at, p.id limit most
  ) m
  where (m.part).is_free
    or (not (m.part).is_run and (m.part).run_span_id is null and agensight_private.twin_of(project, m.part) is null
      and not agensight_private.is_provider_run(project, m.part));
  -- Runs, and then answers: a call may have one of each.
  for kind in 0 .. 1 loop
    taken := '{}';
    for depth in reverse coalesce(deepest, -1) .. 0 loop
      -- First with equal arguments, then with the values of the call's object in the form of positional arguments.
      for pass in 1 .. 2 loop
        with free as materialized (
          select
            m.trace_id, m.id, m.is_free, m.values_key, m.arguments, m.started_at,
            case
              when depth = 0 then ''
              else m.ancestors[cardinality(m.ancestors) - depth + 1]
            end as above,
            case when pass = 1 then m.arguments else 'null' end as form
          from unnest(members) m
          where cardinality(m.ancestors) >= depth
            and case when m.is_free then m.is_answer = (kind = 1) else not m.is_answer end
            and case
              when m.is_free then (m.trace_id || chr(31) || m.id in (select unnest(seeker_keys))) is not true
              else (m.trace_id || chr(31) || m.id in (select unnest(taken))) is not true
            end
            and (pass = 1 or (jsonb_typeof(m.arguments) <> 'object') = m.is_free)
        ), numbered as (
          select
            f.*,
            row_number() over (
              partition by f.is_free, f.trace_id, f.values_key, f.above, f.form
              order by f.started_at, f.id
            ) as n
          from free f
        )
        select array_agg(p.trace_id || chr(31) || p.run), array_agg(p.trace_id || chr(31) || p.call)
        into found_runs, found_calls
        from (
          select
            n.trace_id,
            min(n.id) filter (where n.is_free) as run,
            min(n.id) filter (where not n.is_free) as call,
            (array_agg(n.arguments) filter (where n.is_free))[1] as ran,
            (array_agg(n.arguments) filter (where not n.is_free))[1] as called
          from numbered n
          group by n.trace_id, n.values_key, n.above, n.form, n.n
          having count(*) = 2
        ) p
        where pass = 1
          or jsonb_typeof(p.ran -> 0) is distinct from 'object'
          or p.ran -> 0 = p.called;
        seeker_keys := seeker_keys || found_runs;
        call_keys := call_keys || found_calls;
        taken := taken || found_calls;
      end loop;
    end loop;
    if kind = 0 then
      runs := cardinality(seeker_keys);
    end if;
  end loop;
  return query
  with pairs as materialized (
    select k.trace_id, k.id, k.mate
    from (
      select p.run as key, p.call as mate from unnest(seeker_keys, call_keys) p(run, call)
      union all
      select p.call, p.run from unnest(seeker_keys[1:runs], call_keys[1:runs]) p(run, call)
    ) p
    cross join lateral (
      select
        split_part(p.key, chr(31), 1) as trace_id,
        split_part(p.key, chr(31), 2) as id,
        split_part(p.mate, chr(31), 2) as mate
    ) k
  )
  update agensight_private.tool_parts x
  set mate = m.now, is_loose = false
  from (
    select t.at, m.now
    from (
      select m.trace_id, m.id, m.mate as was, m.is_loose, p.mate as now
      from unnest(members) m left join pairs p on p.trace_id = m.trace_id and p.id = m.id
    ) m
    cross join lateral (
      select t.ctid as at from agensight_private.tool_parts t
      where t.project_id = project and t.trace_id = m.trace_id and t.id = m.id offset 0
    ) t
    -- A loose mate is left to the next step unless there is a better one.
    where case when m.is_loose then m.now is not null else m.now is distinct from m.was end
  ) m
  where x.ctid = m.at
  returning x.trace_id, x.id;
end $$;
comment on function agensight_private.match_equal_parts(uuid, text[], bigint[]) is
  'Gives runs, and answers, the calls with equal names and arguments, of these groups (two lists of equal length: traces and keys of values). Returns the parts with another mate than before.';
