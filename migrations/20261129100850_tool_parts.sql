-- Tool runs whose span does not know which call of a model it runs for, and what such a run is joined by.
--
-- A run with the id of its call is a part of the row of that call by its key. One without has the id of its own span,
-- id = run_span_id, and is joined by rules over the whole trace (agensight_private.join_tool_parts). In a trace that
-- has such a run, each row of tools also has a row here, with what the rules compare; other traces have none.
-- The same holds for a result in a request that does not name its call, and for a call that two spans of one model
-- call report under different ids.
-- A row of tools shows what was reported under its own id, and what the runs that are joined to it reported. Where
-- that differs, and where a run has no row of its own because it is joined, "record" has what was reported.

create table agensight_private.tool_parts (
  project_id  uuid    not null,
  trace_id    text    collate "C" not null,
  id          text    collate "C" not null,
  is_run      boolean not null,
  is_answer   boolean not null,
  run_span_id text    collate "C",
  name        text,
  arguments   jsonb,
  values_key  bigint,
  started_at  timestamptz,
  ancestors   text[]  collate "C" not null default '{}',
  steps       integer not null default 0,
  missing     text    collate "C",
  around      text    collate "C",
  is_free     boolean not null default false,
  mate        text    collate "C",
  is_loose    boolean not null default false,
  twin_of     text    collate "C",
  home        text    collate "C",
  record      jsonb,
  primary key (project_id, trace_id, id)
) with (autovacuum_vacuum_scale_factor = 0.05);
comment on table  agensight_private.tool_parts             is 'One row per row of tools, and per run that is joined to one, of the traces with runs that do not know their call, or with calls under several ids. Written only by ingest().';
comment on column agensight_private.tool_parts.project_id  is 'The project.';
comment on column agensight_private.tool_parts.trace_id    is 'The trace.';
comment on column agensight_private.tool_parts.id          is 'The id that it was reported under.';
comment on column agensight_private.tool_parts.is_run      is 'Whether it is a run that does not know its call; its id is that of its span, or made up by a framework.';
comment on column agensight_private.tool_parts.is_answer   is 'Whether it is a result in a request, without the id of the call that it answers; its id is "<span of the request>:result:<place>".';
comment on column agensight_private.tool_parts.run_span_id is 'The span of the run, where one was reported under this id.';
comment on column agensight_private.tool_parts.name        is 'The tool.';
comment on column agensight_private.tool_parts.arguments   is 'The arguments that were reported; {} for none.';
comment on column agensight_private.tool_parts.values_key  is 'Equal for calls and runs of one name whose arguments have the same values, whatever their form.';
comment on column agensight_private.tool_parts.started_at  is 'When the run began, or the call was requested.';
comment on column agensight_private.tool_parts.ancestors   is 'The spans above the run, or, of a call without one, the requesting span and those above it; the nearest first.';
comment on column agensight_private.tool_parts.steps       is 'How many of the ancestors are below the first model call or agent.';
comment on column agensight_private.tool_parts.missing     is 'The last ancestor, where its span is not stored yet.';
comment on column agensight_private.tool_parts.around      is 'The part whose run encloses this run of the same name, as in an agent, its MCP client and the server; null for none.';
comment on column agensight_private.tool_parts.is_free     is 'Whether no id tells the call of this run, neither its own nor that of a run around or inside it, or of this answer.';
comment on column agensight_private.tool_parts.mate        is 'The call that a run or an answer is joined to by its arguments, and the run of such a call.';
comment on column agensight_private.tool_parts.is_loose    is 'Whether the arguments of the mate are equal only in what the model wrote.';
comment on column agensight_private.tool_parts.twin_of     is 'The row of a call that another span of the same model call reported under another id; null for none.';
comment on column agensight_private.tool_parts.home        is 'The row of tools that shows it: its own, or the one that it is joined to.';
comment on column agensight_private.tool_parts.record      is 'What was reported under this id, where its row of tools shows more or does not exist.';
alter table agensight_private.tool_parts enable row level security;
create policy "the service role reads the parts of tool calls" on agensight_private.tool_parts
  for select to service_role using (true);
create index tool_parts_by_values on agensight_private.tool_parts (agensight_private.place_key(trace_id, values_key::text), is_run, is_answer, started_at, id);
create index tool_parts_by_run on agensight_private.tool_parts (agensight_private.place_key(trace_id, run_span_id)) where run_span_id is not null;
create index tool_parts_by_missing on agensight_private.tool_parts (agensight_private.place_key(trace_id, missing)) where missing is not null;
create index tool_parts_by_around on agensight_private.tool_parts (agensight_private.place_key(trace_id, around)) where around is not null;
create index tool_parts_by_home on agensight_private.tool_parts (agensight_private.place_key(trace_id, home)) where home <> id;
create index unjoined_tool_parts on agensight_private.tool_parts (agensight_private.place_key(trace_id, name), is_run, id)
  where (mate is null or is_loose) and not is_answer and (is_run or run_span_id is null);

create function agensight_private.asking_span(id text) returns text
  language plpgsql immutable parallel safe security invoker set search_path = ''
as $$ begin return substring(id from '^(.+):result:[0-9]+$'); end $$;
comment on function agensight_private.asking_span(text) is
  'The span in whose request a result without the id of its call was; null for any other id of a row of tools.';

create function agensight_private.is_lone_run(id text, span_id text, run_span_id text) returns boolean
  language plpgsql immutable parallel safe security invoker set search_path = ''
as $$
begin
  -- An id that a framework makes up for its run says nothing of the call, unless the call was requested with it.
  return run_span_id is not null
    and (id = run_span_id or (span_id is null and agensight_private.provider_response_id(id) is null));
end $$;
comment on function agensight_private.is_lone_run(text, text, text) is
  'Whether a row of tools is a run that does not know its call.';

create function agensight_private.argument_values(arguments jsonb) returns jsonb
  language sql immutable parallel safe security invoker set search_path = ''
as $$
  select case jsonb_typeof(arguments)
    when 'object' then (select jsonb_agg(value order by value) from jsonb_each(arguments))
    -- The model's object, and something of the program after it; or the values of the object as positional arguments.
    when 'array' then case when jsonb_typeof(arguments -> 0) = 'object'
      then (select jsonb_agg(value order by value) from jsonb_each(arguments -> 0))
      else (select jsonb_agg(value order by value) from jsonb_array_elements(arguments)) end
    when 'null' then null
    else jsonb_build_array(arguments) end
$$;
comment on function agensight_private.argument_values(jsonb) is
  'The values of a tool''s arguments in an order of their own, whatever form they have; null for none.';

create function agensight_private.climb_from_tools(project uuid, traces text[], ids text[], starts text[])
  returns table (trace_id text, id text, ancestors text[], steps integer, missing text)
  language plpgsql stable security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
begin
  return query
  with recursive up(trace_id, id, ancestors, steps, at, is_step, state) as (
    select k.trace_id collate "C", k.id collate "C", '{}'::text[] collate "C", 0, k.at collate "C", true, case when k.at is null then 'end' else 'go' end
    from unnest(traces, ids, starts) k(trace_id, id, at)
    union all
    select u.trace_id, u.id, u.ancestors || u.at, u.steps + (u.is_step and x.is_step)::integer, case when s.id is null then u.at else s.parent_id end, u.is_step and x.is_step,
      case when s.id is null then 'missing' when s.parent_id is null or cardinality(u.ancestors) >= 30 then 'end' else 'go' end
    from up u
    left join lateral (
      select s.id, s.parent_id, s.kind from agensight.spans s
      where s.project_id = project and s.trace_id = u.trace_id and s.id = u.at offset 0
    ) s on true
    cross join lateral (select s.id is not null and coalesce(s.kind not in ('llm', 'agent'), true) as is_step) x
    where u.state = 'go'
  )
  select u.trace_id, u.id, u.ancestors, u.steps, case when u.state = 'missing' then u.at end from up u where u.state <> 'go';
end $$;
comment on function agensight_private.climb_from_tools(uuid, text[], text[], text[]) is
  'For each of these parts (lists of equal length: traces, ids, and the first span on the way up) the spans above it, at most thirty.';

create function agensight_private.write_tool_parts(project uuid, traces text[], ids text[]) returns void
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
begin
  with parts as materialized (
    select k.trace_id, k.id, agensight_private.is_lone_run(t.id, t.span_id, t.run_span_id) as is_run, t.run_span_id, t.name, coalesce(nullif(t.arguments, 'null'), '{}') as arguments,
      x.span_id, x.is_answer, t.started_at, s.parent_id as run_parent_id, q.started_at as requested_at
    from (select distinct u.trace_id collate "C" as trace_id, u.id collate "C" as id from unnest(traces, ids) u(trace_id, id)) k
    cross join lateral (
      select r.* from agensight_private.tool_parts p cross join lateral jsonb_populate_record(null::agensight.tools, p.record) r
      where p.project_id = project and p.trace_id = k.trace_id and p.id = k.id and p.record is not null
      union all
      select t.* from agensight.tools t
      where t.project_id = project and t.trace_id = k.trace_id and t.id = k.id and not exists (
        select from agensight_private.tool_parts p
        where p.project_id = project and p.trace_id = k.trace_id and p.id = k.id and p.record is not null)
    ) t
    cross join lateral (select coalesce(t.span_id, agensight_private.asking_span(t.id)) as span_id,
      num_nonnulls(t.span_id, t.run_span_id) = 0 and agensight_private.asking_span(t.id) is not null as is_answer) x
    left join lateral (
      select s.parent_id from agensight.spans s
      where s.project_id = project and s.trace_id = k.trace_id and s.id = t.run_span_id offset 0
    ) s on true
    left join lateral (
      select s.started_at from agensight.spans s
      where s.project_id = project and s.trace_id = k.trace_id and s.id = x.span_id offset 0
    ) q on true
  ), climbs as materialized (
    select c.* from (select array_agg(p.trace_id) as traces, array_agg(p.id) as ids, array_agg(
      -- Where the span of a run is not stored, that is what its way up is missing.
      case when p.run_span_id is null then p.span_id when p.run_parent_id is null then p.run_span_id else p.run_parent_id end) as starts from parts p) p
    cross join lateral agensight_private.climb_from_tools(project, p.traces, p.ids, p.starts) c
  )
  insert into agensight_private.tool_parts as x (project_id, trace_id, id, is_run, is_answer, run_span_id, name, arguments, values_key, started_at, ancestors, steps, missing, home)
  select project, p.trace_id, p.id, p.is_run is true, p.is_answer, p.run_span_id, p.name, p.arguments,
    hashtextextended(coalesce(p.name, '') || ' ' || coalesce(agensight_private.argument_values(p.arguments)::text, ''), 0),
    case when p.run_span_id is null then p.requested_at else p.started_at end, c.ancestors, c.steps, c.missing, p.id
  from parts p
  join climbs c on c.trace_id = p.trace_id and c.id = p.id
  order by p.trace_id, p.id
  on conflict (project_id, trace_id, id) do update
  set (is_run, is_answer, run_span_id, name, arguments, values_key, started_at, ancestors, steps, missing) =
    (excluded.is_run, excluded.is_answer, excluded.run_span_id, excluded.name, excluded.arguments, excluded.values_key, excluded.started_at, excluded.ancestors, excluded.steps, excluded.missing);
end $$;
comment on function agensight_private.write_tool_parts(uuid, text[], text[]) is
  'Writes what these rows of tools (two lists of equal length: traces and ids) are joined by.';
