-- Tool runs, joined to the calls of the model that they ran for.
--
-- A tool's own span often does not know which call of a model it answers. Its row then has the span's
-- id both as id and as run_span_id, and is joined to the call of the same trace with the same name and
-- the arguments that fit best, whichever arrives first. The trace's row is locked by then, so concurrent
-- writers see each other. The call keeps the name and the arguments that the model wrote.

create function agensight_private.tools_of(project uuid, batch jsonb) returns jsonb
  language plpgsql stable security invoker set search_path = ''
as $$
declare
  tools constant jsonb := batch -> 'tools';
begin
  if not exists (select from jsonb_to_recordset(tools) as r(id text, run_span_id text) where id = run_span_id) then
    return tools;
  end if;
  -- A run that was joined before is written to the row that it was joined to.
  return (
    select jsonb_agg(coalesce((
      select record - '{name,arguments}'::text[] || jsonb_build_object('id', t.id) from agensight.tools t
      where t.project_id = project and t.trace_id = record ->> 'trace_id'
        and t.run_span_id = record ->> 'run_span_id' and t.id <> record ->> 'id'
        and record ->> 'id' = record ->> 'run_span_id'
      order by t.id limit 1), record))
    from jsonb_array_elements(tools) record);
end $$;
comment on function agensight_private.tools_of(uuid, jsonb) is 'The tools of a batch; a run that was joined to a call before has the id of that call.';

create function agensight_private.rank_tool_arguments(called jsonb, ran jsonb) returns integer
  language sql immutable security invoker set search_path = ''
as $$
  select case
    when c.value = r.value then 0
    -- The values of the model's object as positional arguments: several, or one.
    when jsonb_typeof(c.value) = 'object' and jsonb_typeof(r.value) = 'array'
      and (select jsonb_agg(value order by value) from jsonb_each(c.value))
        = (select jsonb_agg(value order by value) from jsonb_array_elements(r.value)) then 1
    when jsonb_typeof(c.value) = 'object' and jsonb_typeof(r.value) not in ('object', 'array')
      and (select jsonb_agg(value) from jsonb_each(c.value)) = jsonb_build_array(r.value) then 1
    -- The model's object, and something of the program after it.
    when jsonb_typeof(r.value) = 'array' and c.value = r.value -> 0 then 2
    -- The model's object with defaults filled in. The more of it the model wrote, the better it fits.
    when jsonb_typeof(c.value) = 'object' and jsonb_typeof(r.value) = 'object' and r.value @> c.value
      then 1000000 - (select count(*)::integer from jsonb_object_keys(c.value))
    end
  -- A function without arguments and a model without arguments mean the same.
  from (select coalesce(nullif(called, 'null'), '{}') as value) c, (select coalesce(nullif(ran, 'null'), '{}') as value) r
$$;
comment on function agensight_private.rank_tool_arguments(jsonb, jsonb) is
  'How well the arguments of a tool''s function fit those that a model called it with: 0 is equal, more is less; null if they do not.';

create function agensight_private.find_tool_call(run agensight.tools) returns text
  language sql stable security invoker set search_path = ''
as $$
  select t.id
  from agensight.tools t
  cross join lateral (select agensight_private.rank_tool_arguments(t.arguments, run.arguments) as rank) a
  where t.project_id = run.project_id and t.trace_id = run.trace_id and t.id <> run.id
    and (t.run_span_id = run.run_span_id
      or (a.rank is not null and t.name = run.name and (
        t.run_span_id is null
        -- Or a framework has a span of its own for the tool, directly above that of the function.
        or exists (
          select from agensight.spans s
          where s.project_id = run.project_id and s.trace_id = run.trace_id
            and (s.id, s.parent_id) in ((run.run_span_id, t.run_span_id), (t.run_span_id, run.run_span_id))))))
  order by t.run_span_id is distinct from run.run_span_id, t.run_span_id is null, a.rank, t.id
  limit 1
$$;
comment on function agensight_private.find_tool_call(agensight.tools) is 'The row of the model''s call that a tool ran for; null when none is known.';

create function agensight_private.join_tool_runs(project uuid, records jsonb) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  run agensight.tools;
  call_id text;
begin
  for run in
    select * from agensight.tools t
    where t.project_id = project and t.id = t.run_span_id
      and t.trace_id in (select r.trace_id from jsonb_to_recordset(records) as r(trace_id text))
    order by t.trace_id, t.started_at, t.id
  loop
    call_id := agensight_private.find_tool_call(run);
    if call_id is not null then
      perform agensight_private.write_tools(project, jsonb_build_array(
        to_jsonb(run) - '{name,arguments}'::text[] || jsonb_build_object('id', call_id)));
      delete from agensight.tools t where t.project_id = project and t.trace_id = run.trace_id and t.id = run.id;
    end if;
  end loop;
end $$;
comment on function agensight_private.join_tool_runs(uuid, jsonb) is 'Joins the runs without a call, in the traces of these tools, to the calls that are known by now.';
