-- Totals of traces and sessions, kept by statement-level triggers as differences: see the migration
-- that began it (20261122090200_totals.sql) for why they are exact under any order and any writers.
--
-- New: each call once, its cost, all kinds of tokens; the last time of a trace also from its spans; and
-- the totals of sessions, as the differences of their traces' totals.
--
-- A batch touches a trace by its own record, by spans and by completions, and which sessions that touches is
-- known only once its traces are locked: they may belong to one that the batch does not name. So within a
-- batch the differences are kept back, and written in one statement for each table at its end. That also
-- makes one order of locks: traces by id, their parts, and then sessions by id.

create type private.change as (
  project_id uuid, id text collate "C", started_at timestamptz, ended_at timestamptz, trace_count bigint, span_count bigint,
  error_count bigint, llm_call_count bigint, prompt_tokens bigint, completion_tokens bigint, total_tokens bigint,
  cached_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint, total_cost numeric);
comment on type private.change is
  'By how much the totals of a trace or session change, and the times that it must reach; null for what does not change.';

create function private.add_to_traces(changes private.change[]) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  insert into public.traces as t (project_id, id, started_at, ended_at, span_count, error_count, llm_call_count, prompt_tokens,
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
      merge_state = case when t.ended_at >= excluded.ended_at or excluded.ended_at is null then t.merge_state else private.outlived(t) end,
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
comment on function private.add_to_traces(private.change[]) is 'Adds differences to the totals of traces, in the order of their keys.';

create function private.change_traces(changes private.change[]) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  -- Not empty within a batch.
  kept_back constant text := current_setting('agensight.trace_changes', true);
begin
  if changes is null then
    return;
  elsif kept_back <> '' then
    perform set_config('agensight.trace_changes', private.appended(kept_back, changes), true);
  else
    perform private.add_to_traces(changes);
  end if;
end $$;
comment on function private.change_traces(private.change[]) is
  'Adds differences to the totals of traces; within a batch, at its end.';

create function private.appended(kept_back text, changes private.change[]) returns text
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  return case kept_back when '{}' then changes::text else left(kept_back, -1) || ',' || substr(changes::text, 2) end;
end $$;
comment on function private.appended(text, private.change[]) is 'Two lists of changes as one, in the form in which a setting can hold them.';

create or replace function private.count_spans() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    perform private.change_traces((
      select array_agg(row(project_id, trace_id, first, last, null, spans, errors, null, null, null, null, null, null, null, null)::private.change)
      from (
        select project_id, trace_id, min(started_at) as first, max(ended_at) as last, count(*) as spans,
          count(*) filter (where status = 'error') as errors
        from new_rows group by project_id, trace_id
      ) c));
  elsif tg_op = 'UPDATE' then
    perform private.change_traces((
      select array_agg(row(project_id, trace_id, first, last, null, null, errors, null, null, null, null, null, null, null, null)::private.change)
      from (
        select project_id, trace_id, min(started_at) as first, max(ended_at) as last, coalesce(sum(errors), 0) as errors
        from (
          select project_id, trace_id, started_at, ended_at, (status = 'error')::integer as errors from new_rows
          union all
          select project_id, trace_id, null, null, -(status = 'error')::integer from old_rows
        ) change group by project_id, trace_id
      ) c));
  else
    -- A trace that went first stays away.
    update public.traces t
    set span_count = t.span_count - d.spans, error_count = t.error_count - d.errors
    from (
      select project_id, trace_id, count(*) as spans, count(*) filter (where status = 'error') as errors
      from old_rows group by project_id, trace_id
    ) d
    where t.project_id = d.project_id and t.id = d.trace_id;
  end if;
  return null;
end $$;
comment on function private.count_spans() is 'Keeps span_count, error_count, the earliest start and the latest end of the traces whose spans a statement touched.';

create function private.outlived(t public.traces) returns jsonb
  language sql stable security invoker set search_path = ''
as $$
  -- The age of a field that has none of its own is that of '', and where that is absent, the row's ended_at:
  -- when a span moves ended_at on, the age that the fields had is written down.
  select case
    when t.merge_state ? '' or num_nonnulls(t.session_id, t.user_id, t.name, t.service_name, t.release, t.mode, t.error,
      t.input, t.output, t.tags, t.metadata) = 0 then t.merge_state
    else coalesce(t.merge_state, '{}') || jsonb_build_object('', coalesce(private.micros(t.ended_at::text), -1)) end
$$;
comment on function private.outlived(public.traces) is
  'The merge_state of a trace whose ended_at is about to be moved on by one of its spans: its fields stay as old as they are.';

create or replace function private.sum_tokens() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    perform private.change_traces((
      select array_agg(row(project_id, trace_id, null, null, null, null, null, calls, prompt, completion, total, cached, written, reasoning, cost)::private.change)
      from (
        select project_id, trace_id, count(*) filter (where completion_index = 0) as calls, sum(prompt_tokens) as prompt,
          sum(completion_tokens) as completion, sum(total_tokens) as total, sum(cached_tokens) as cached,
          sum(cache_write_tokens) as written, sum(reasoning_tokens) as reasoning, sum(cost) as cost
        from new_rows where repeat_of is null
        group by project_id, trace_id
      ) c));
  elsif tg_op = 'UPDATE' then
    perform private.change_traces((
      select array_agg(row(project_id, trace_id, null, null, null, null, null, calls, prompt, completion, total, cached, written, reasoning, cost)::private.change)
      from (
        select project_id, trace_id, sum(calls) as calls, sum(prompt) as prompt, sum(completion) as completion, sum(total) as total,
          sum(cached) as cached, sum(written) as written, sum(reasoning) as reasoning, sum(cost) as cost
        from (
          select project_id, trace_id, (completion_index = 0)::integer as calls, prompt_tokens as prompt, completion_tokens as completion,
            total_tokens as total, cached_tokens as cached, cache_write_tokens as written, reasoning_tokens as reasoning, cost
          from new_rows where repeat_of is null
          union all
          select project_id, trace_id, -(completion_index = 0)::integer, -prompt_tokens, -completion_tokens, -total_tokens,
            -cached_tokens, -cache_write_tokens, -reasoning_tokens, -cost
          from old_rows where repeat_of is null
        ) change group by project_id, trace_id
      ) c));
  else
    -- A trace that went first stays away.
    update public.traces t
    set llm_call_count = t.llm_call_count - d.llm_call_count,
        prompt_tokens = t.prompt_tokens - d.prompt_tokens,
        completion_tokens = t.completion_tokens - d.completion_tokens,
        total_tokens = t.total_tokens - d.total_tokens,
        cached_tokens = t.cached_tokens - d.cached_tokens,
        cache_write_tokens = t.cache_write_tokens - d.cache_write_tokens,
        reasoning_tokens = t.reasoning_tokens - d.reasoning_tokens,
        total_cost = t.total_cost - d.total_cost
    from (
      select project_id, trace_id, count(*) filter (where completion_index = 0) as llm_call_count,
        coalesce(sum(prompt_tokens), 0) as prompt_tokens, coalesce(sum(completion_tokens), 0) as completion_tokens, coalesce(sum(total_tokens), 0) as total_tokens,
        coalesce(sum(cached_tokens), 0) as cached_tokens, coalesce(sum(cache_write_tokens), 0) as cache_write_tokens, coalesce(sum(reasoning_tokens), 0) as reasoning_tokens,
        coalesce(sum(cost), 0) as total_cost
      from old_rows where repeat_of is null
      group by project_id, trace_id
    ) d
    where t.project_id = d.project_id and t.id = d.trace_id;
  end if;
  return null;
end $$;
comment on function private.sum_tokens() is 'Keeps the calls, tokens and costs of the traces whose completions a statement touched.';

-- Sessions ----------------------------------------------------------------------------------------

create function private.sum_traces() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  -- Not empty within a batch.
  kept_back constant text := current_setting('agensight.session_changes', true);
  changes private.change[];
begin
  if tg_op = 'INSERT' then
    if kept_back <> '' then
      perform set_config('agensight.begun_traces', (
        select array_cat(current_setting('agensight.begun_traces')::text[], array_agg(n.id))::text from new_rows n), true);
    end if;
    select array_agg(row(project_id, session_id, null, null, traces, spans, errors, calls, prompt, completion, total, cached, written, reasoning, cost)::private.change)
    into changes
    from (
      select project_id, session_id, count(*) as traces, sum(span_count) as spans, sum(error_count) as errors, sum(llm_call_count) as calls,
        sum(prompt_tokens) as prompt, sum(completion_tokens) as completion, sum(total_tokens) as total, sum(cached_tokens) as cached,
        sum(cache_write_tokens) as written, sum(reasoning_tokens) as reasoning, sum(total_cost) as cost
      from new_rows where session_id is not null
      group by project_id, session_id
    ) c;
  elsif tg_op = 'UPDATE' then
    select array_agg(row(project_id, session_id, null, null, traces, spans, errors, calls, prompt, completion, total, cached, written, reasoning, cost)::private.change)
    into changes
    from (
      select project_id, session_id, sum(traces) as traces, sum(span_count) as spans, sum(error_count) as errors,
        sum(llm_call_count) as calls, sum(prompt_tokens) as prompt, sum(completion_tokens) as completion, sum(total_tokens) as total,
        sum(cached_tokens) as cached, sum(cache_write_tokens) as written, sum(reasoning_tokens) as reasoning, sum(total_cost) as cost
      from (
        select project_id, session_id, 1 as traces, span_count, error_count, llm_call_count, prompt_tokens, completion_tokens,
          total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, total_cost
        from new_rows where session_id is not null
        union all
        select project_id, session_id, -1, -span_count, -error_count, -llm_call_count, -prompt_tokens, -completion_tokens,
          -total_tokens, -cached_tokens, -cache_write_tokens, -reasoning_tokens, -total_cost
        from old_rows where session_id is not null
      ) change group by project_id, session_id
      having (sum(traces), sum(span_count), sum(error_count), sum(llm_call_count),
        sum(prompt_tokens), sum(completion_tokens), sum(total_tokens), sum(cached_tokens),
        sum(cache_write_tokens), sum(reasoning_tokens), sum(total_cost))
        <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    ) c;
  else
    select array_agg(row(project_id, session_id, null, null, -traces, -spans, -errors, -calls, -prompt, -completion, -total, -cached, -written, -reasoning, -cost)::private.change)
    into changes
    from (
      select project_id, session_id, count(*) as traces, sum(span_count) as spans, sum(error_count) as errors, sum(llm_call_count) as calls,
        sum(prompt_tokens) as prompt, sum(completion_tokens) as completion, sum(total_tokens) as total, sum(cached_tokens) as cached,
        sum(cache_write_tokens) as written, sum(reasoning_tokens) as reasoning, sum(total_cost) as cost
      from old_rows where session_id is not null
      group by project_id, session_id
    ) c;
  end if;
  if changes is null then
    return null;
  elsif kept_back <> '' then
    perform set_config('agensight.session_changes', private.appended(kept_back, changes), true);
  else
    perform private.add_to_sessions(changes);
  end if;
  return null;
end $$;
comment on function private.sum_traces() is 'Keeps the totals of the sessions whose traces a statement touched; within a batch, at its end. Notes which traces a batch begins.';

-- Rows from before: what can be counted is; what a call cost is for reprice() to say.
update public.traces t
set llm_call_count = c.calls, cached_tokens = c.cached, cache_write_tokens = c.written, reasoning_tokens = c.reasoning
from (
  select project_id, trace_id, count(*) filter (where completion_index = 0) as calls, coalesce(sum(cached_tokens), 0) as cached,
         coalesce(sum(cache_write_tokens), 0) as written, coalesce(sum(reasoning_tokens), 0) as reasoning
  from public.completions group by project_id, trace_id
) c
where t.project_id = c.project_id and t.id = c.trace_id;
update public.sessions s
set trace_count = t.traces, span_count = t.span_count, error_count = t.error_count, llm_call_count = t.llm_call_count, prompt_tokens = t.prompt_tokens, completion_tokens = t.completion_tokens, total_tokens = t.total_tokens, cached_tokens = t.cached_tokens, cache_write_tokens = t.cache_write_tokens, reasoning_tokens = t.reasoning_tokens, total_cost = t.total_cost
from (
  select project_id, session_id, count(*) as traces,
         sum(span_count) as span_count, sum(error_count) as error_count, sum(llm_call_count) as llm_call_count, sum(prompt_tokens) as prompt_tokens, sum(completion_tokens) as completion_tokens, sum(total_tokens) as total_tokens, sum(cached_tokens) as cached_tokens, sum(cache_write_tokens) as cache_write_tokens, sum(reasoning_tokens) as reasoning_tokens, sum(total_cost) as total_cost
  from public.traces where session_id is not null group by project_id, session_id
) t
where s.project_id = t.project_id and s.id = t.session_id;

create trigger traces_summed_on_insert after insert on public.traces
  referencing new table as new_rows for each statement execute function private.sum_traces();
create trigger traces_summed_on_update after update on public.traces
  referencing old table as old_rows new table as new_rows for each statement execute function private.sum_traces();
create trigger traces_summed_on_delete after delete on public.traces
  referencing old table as old_rows for each statement execute function private.sum_traces();

create function private.add_to_sessions(changes private.change[], are_there boolean default false) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  insert into public.sessions as s (project_id, id, trace_count, span_count, error_count, llm_call_count, prompt_tokens,
    completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, total_cost)
  select c.project_id, c.id, sum(c.trace_count), sum(c.span_count), sum(c.error_count), sum(c.llm_call_count), sum(c.prompt_tokens),
    sum(c.completion_tokens), sum(c.total_tokens), sum(c.cached_tokens), sum(c.cache_write_tokens), sum(c.reasoning_tokens),
    sum(c.total_cost)
  from unnest(changes) c
  -- A session that was deleted stays away.
  where are_there or (select true from public.sessions k where k.project_id = c.project_id and k.id = c.id)
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
comment on function private.add_to_sessions(private.change[], boolean) is 'Adds differences to the totals of sessions, in the order of their keys; with are_there to all of them, else to those that are.';

create function private.keep_totals_back() returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform set_config('agensight.trace_changes', '{}', true), set_config('agensight.session_changes', '{}', true),
    set_config('agensight.begun_traces', '{}', true);
end $$;
comment on function private.keep_totals_back() is
  'From here, in this transaction, totals are not written: those of traces until release_trace_totals(), those of sessions until release_session_totals(). Until the former begun_traces() tells what was inserted.';

create function private.begun_traces() returns text[]
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  return nullif(current_setting('agensight.begun_traces', true), '');
end $$;
comment on function private.begun_traces() is
  'The traces that the batch at hand has inserted: nothing of them stands but what it wrote itself. Null outside of a batch.';

create function private.release_trace_totals() returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  changes constant private.change[] := current_setting('agensight.trace_changes');
begin
  if changes <> '{}' then
    perform private.add_to_traces(changes);
  end if;
  perform set_config('agensight.trace_changes', '', true), set_config('agensight.begun_traces', '', true);
end $$;
comment on function private.release_trace_totals() is 'Writes all that the totals of traces have changed by since keep_totals_back().';

create function private.release_session_totals(project uuid, sessions jsonb) returns integer
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  changes constant private.change[] := current_setting('agensight.session_changes');
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
  written := private.write_sessions(project, sessions || coalesce(others, '[]'));
  if changes <> '{}' then
    perform private.add_to_sessions(changes, true);
  end if;
  return written;
end $$;
comment on function private.release_session_totals(uuid, jsonb) is
  'Writes sessions, and all that the totals of sessions have changed by since keep_totals_back().';

revoke all on function
  private.outlived(public.traces), private.sum_traces(), private.add_to_traces(private.change[]), private.change_traces(private.change[]),
  private.appended(text, private.change[]), private.add_to_sessions(private.change[], boolean),
  private.keep_totals_back(), private.begun_traces(), private.release_trace_totals(), private.release_session_totals(uuid, jsonb)
  from public, anon, authenticated, service_role;
