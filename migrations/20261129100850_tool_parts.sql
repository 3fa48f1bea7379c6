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
create index tool_parts_by_values on agensight_private.tool_parts (
  agensight_private.place_key(trace_id, values_key::text), is_run, is_answer, started_at, id
);
create index tool_parts_by_run on agensight_private.tool_parts (
  agensight_private.place_key(trace_id, run_span_id)
)
where run_span_id is not null;
create index tool_parts_by_missing on agensight_private.tool_parts (
  agensight_private.place_key(trace_id, missing)
)
where missing is not null;
create index tool_parts_by_around on agensight_private.tool_parts (
  agensight_private.place_key(trace_id, around)
)
where around is not null;
create index tool_parts_by_home on agensight_private.tool_parts (
  agensight_private.place_key(trace_id, home)
)
where home <> id;
create index unjoined_tool_parts on agensight_private.tool_parts (
  agensight_private.place_key(trace_id, name), is_run, id
)
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
    and (
      id = run_span_id or (span_id is null and agensight_private.provider_response_id(id) is null)
    );
end $$;
comment on function agensight_private.is_lone_run(text, text, text) is
  'Whether a row of tools is a run that does not know its call.';

create function agensight_private.twin_of(project uuid, part agensight_private.tool_parts) returns text
  language plpgsql stable security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
begin
  -- Not where another call has this id, too, with other arguments.
  return (
    select t.id
    from agensight_private.tool_parts t
    where t.project_id = project
      and t.trace_id = part.trace_id
      and t.id = part.twin_of
      and t.values_key = part.values_key);
end $$;
comment on function agensight_private.twin_of(uuid, agensight_private.tool_parts) is
  'The row of the call that another span reported under another id, with the same name and arguments; null for none.';

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
