-- Totals of traces and sessions, kept by statement-level triggers as differences: exact under
-- concurrent writers, and a row that is sent again makes a difference of zero.
--
-- A batch touches a trace by its own record, by spans and by completions, and which sessions that
-- affects is known only once its traces are locked: they may belong to one that the batch does not name.
-- So within a batch the differences are collected in a setting of the transaction, and written in one
-- statement per table at its end. That also makes one order of locks: traces by id, their parts, and
-- then sessions by id.
--
-- Differences are added by "on conflict", which finds a row by its key whatever the planner estimates: a
-- join is planned once per connection, perhaps while the tables were small, and would then read all
-- traces for every batch until the tables are analyzed.

create type agensight_private.change as (
  project_id         uuid,
  id                 text collate "C",
  started_at         timestamptz,
  ended_at           timestamptz,
  trace_count        bigint,
  span_count         bigint,
  error_count        bigint,
  llm_call_count     bigint,
  prompt_tokens      bigint,
  completion_tokens  bigint,
  total_tokens       bigint,
  cached_tokens      bigint,
  cache_write_tokens bigint,
  reasoning_tokens   bigint,
  total_cost         numeric
);
comment on type agensight_private.change is
  'By how much the totals of a trace or session change, and the times that it must reach; null for what does not change.';

-- Counts are numeric here, as sums are.
create function agensight_private.make_change(
  project_id uuid, id text, started_at timestamptz default null, ended_at timestamptz default null,
  trace_count numeric default null, span_count numeric default null, error_count numeric default null,
  llm_call_count numeric default null, prompt_tokens numeric default null, completion_tokens numeric default null,
  total_tokens numeric default null, cached_tokens numeric default null, cache_write_tokens numeric default null,
  reasoning_tokens numeric default null, total_cost numeric default null)
  returns agensight_private.change
  language plpgsql immutable security invoker set search_path = ''
as $$
begin
  return row(
    project_id, id, started_at, ended_at, trace_count, span_count, error_count, llm_call_count, prompt_tokens,
    completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, total_cost)::agensight_private.change;
end $$;
comment on function agensight_private.make_change(
  uuid, text, timestamptz, timestamptz, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric,
  numeric, numeric) is
  'A change from named values: the only place that builds one by position. A test compares the arguments with the type.';

create function agensight_private.preserved_merge_state(t agensight.traces) returns jsonb
  language sql stable security invoker set search_path = ''
as $$
  -- The age of a field that has none of its own is that of '', and where that is absent, the row's ended_at:
  -- before a span moves ended_at, the age that the fields had is recorded.
  select case
    when t.merge_state ? '' or num_nonnulls(t.session_id, t.user_id, t.name, t.service_name, t.release, t.mode, t.error,
      t.input, t.output, t.tags, t.metadata) = 0 then t.merge_state
    else coalesce(t.merge_state, '{}') || jsonb_build_object('', coalesce(agensight_private.to_micros(t.ended_at::text), -1)) end
$$;
comment on function agensight_private.preserved_merge_state(agensight.traces) is
  'The merge_state of a trace whose ended_at a span is about to move: the age of its fields stays as it was.';

create function agensight_private.add_trace_totals(changes agensight_private.change[]) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  insert into agensight.traces as t (project_id, id, started_at, ended_at, span_count, error_count, llm_call_count, prompt_tokens,
    completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, total_cost)
  select c.project_id, c.id, min(c.started_at), max(c.ended_at), coalesce(sum(c.span_count), 0), coalesce(sum(c.error_count), 0),
    coalesce(sum(c.llm_call_count), 0), coalesce(sum(c.prompt_tokens), 0), coalesce(sum(c.completion_tokens), 0),
    coalesce(sum(c.total_tokens), 0), coalesce(sum(c.cached_tokens), 0), coalesce(sum(c.cache_write_tokens), 0),
    coalesce(sum(c.reasoning_tokens), 0), coalesce(sum(c.total_cost), 0)
  from unnest(changes) c
  group by c.project_id, c.id
  order by c.project_id, c.id
  on conflict (project_id, id) do update
  set started_at = least(t.started_at, excluded.started_at),
      ended_at = greatest(t.ended_at, excluded.ended_at),
      merge_state = case when t.ended_at >= excluded.ended_at or excluded.ended_at is null then t.merge_state else agensight_private.preserved_merge_state(t) end,
      span_count = t.span_count + excluded.span_count,
      error_count = t.error_count + excluded.error_count,
      llm_call_count = t.llm_call_count + excluded.llm_call_count,
      prompt_tokens = t.prompt_tokens + excluded.prompt_tokens,
      completion_tokens = t.completion_tokens + excluded.completion_tokens,
      total_tokens = t.total_tokens + excluded.total_tokens,
      cached_tokens = t.cached_tokens + excluded.cached_tokens,
      cache_write_tokens = t.cache_write_tokens + excluded.cache_write_tokens,
      reasoning_tokens = t.reasoning_tokens + excluded.reasoning_tokens,
      total_cost = t.total_cost + excluded.total_cost
  where (excluded.span_count, excluded.error_count, excluded.llm_call_count, excluded.prompt_tokens, excluded.completion_tokens,
      excluded.total_tokens, excluded.cached_tokens, excluded.cache_write_tokens, excluded.reasoning_tokens, excluded.total_cost)
      <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    or t.started_at is distinct from least(t.started_at, excluded.started_at)
    or t.ended_at is distinct from greatest(t.ended_at, excluded.ended_at);
end $$;
comment on function agensight_private.add_trace_totals(agensight_private.change[]) is 'Adds differences to the totals of traces, in the order of their keys.';

create function agensight_private.add_session_totals(changes agensight_private.change[], are_there boolean default false) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  insert into agensight.sessions as s (project_id, id, trace_count, span_count, error_count, llm_call_count, prompt_tokens,
    completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, total_cost)
  select c.project_id, c.id, sum(c.trace_count), sum(c.span_count), sum(c.error_count), sum(c.llm_call_count), sum(c.prompt_tokens),
    sum(c.completion_tokens), sum(c.total_tokens), sum(c.cached_tokens), sum(c.cache_write_tokens), sum(c.reasoning_tokens),
    sum(c.total_cost)
  from unnest(changes) c
  -- A session that was deleted is not made again.
  where are_there or (select true from agensight.sessions k where k.project_id = c.project_id and k.id = c.id)
  group by c.project_id, c.id
  order by c.project_id, c.id
  on conflict (project_id, id) do update
  set trace_count = s.trace_count + excluded.trace_count,
      span_count = s.span_count + excluded.span_count,
      error_count = s.error_count + excluded.error_count,
      llm_call_count = s.llm_call_count + excluded.llm_call_count,
      prompt_tokens = s.prompt_tokens + excluded.prompt_tokens,
      completion_tokens = s.completion_tokens + excluded.completion_tokens,
      total_tokens = s.total_tokens + excluded.total_tokens,
      cached_tokens = s.cached_tokens + excluded.cached_tokens,
      cache_write_tokens = s.cache_write_tokens + excluded.cache_write_tokens,
      reasoning_tokens = s.reasoning_tokens + excluded.reasoning_tokens,
      total_cost = s.total_cost + excluded.total_cost;
end $$;
comment on function agensight_private.add_session_totals(agensight_private.change[], boolean) is 'Adds differences to the totals of sessions, in the order of their keys; with are_there to all of them, else to those that are.';

-- Within a batch -----------------------------------------------------------------------------------

create function agensight_private.defer_totals() returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform set_config('agensight.trace_changes', '{}', true), set_config('agensight.session_changes', '{}', true),
    set_config('agensight.new_traces', '{}', true);
end $$;
comment on function agensight_private.defer_totals() is
  'From here, in this transaction, totals are not written: those of traces until apply_trace_totals(), those of sessions until apply_session_totals(). Until the former, new_traces() has the inserted traces.';

create function agensight_private.new_traces() returns text[]
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  return nullif(current_setting('agensight.new_traces', true), '');
end $$;
comment on function agensight_private.new_traces() is
  'The traces that the current batch has inserted: all their rows are from this batch. Null outside of a batch.';

create function agensight_private.append_changes(deferred text, changes agensight_private.change[]) returns text
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  return case deferred when '{}' then changes::text else left(deferred, -1) || ',' || substr(changes::text, 2) end;
end $$;
comment on function agensight_private.append_changes(text, agensight_private.change[]) is 'Two lists of changes as one, as text for a setting.';

create function agensight_private.change_trace_totals(changes agensight_private.change[]) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  -- Not empty within a batch.
  deferred constant text := current_setting('agensight.trace_changes', true);
begin
  if changes is null then
    return;
  elsif deferred <> '' then
    perform set_config('agensight.trace_changes', agensight_private.append_changes(deferred, changes), true);
  else
    perform agensight_private.add_trace_totals(changes);
  end if;
end $$;
comment on function agensight_private.change_trace_totals(agensight_private.change[]) is
  'Adds differences to the totals of traces; within a batch, at its end.';

create function agensight_private.apply_trace_totals() returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  changes constant agensight_private.change[] := current_setting('agensight.trace_changes');
begin
  if changes <> '{}' then
    perform agensight_private.add_trace_totals(changes);
  end if;
  perform set_config('agensight.trace_changes', '', true), set_config('agensight.new_traces', '', true);
end $$;
comment on function agensight_private.apply_trace_totals() is 'Writes the changes to totals of traces since defer_totals().';

create function agensight_private.apply_session_totals(project uuid, sessions jsonb) returns integer
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  changes constant agensight_private.change[] := current_setting('agensight.session_changes');
  others jsonb;
  written integer;
begin
  perform set_config('agensight.session_changes', '', true);
  -- Those that the batch does not name are locked in the same statement as those that it does.
  select jsonb_agg(jsonb_build_object('inferred', true, 'id', o.id)) into others
  from (
    select c.id from unnest(changes) c
    except
    select n.id from jsonb_to_recordset(sessions) as n(id text)
  ) o;
  written := agensight_private.write_sessions(project, sessions || coalesce(others, '[]'));
  if changes <> '{}' then
    perform agensight_private.add_session_totals(changes, true);
  end if;
  return written;
end $$;
comment on function agensight_private.apply_session_totals(uuid, jsonb) is
  'Writes sessions, and the changes to their totals since defer_totals().';
