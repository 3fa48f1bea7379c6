-- The triggers that keep the totals: of traces from their spans and completions, of sessions from their
-- traces. Each statement adds its differences once, within a batch at the end of the batch.

create function agensight_private.count_spans() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    perform agensight_private.change_trace_totals((
      select array_agg(agensight_private.make_change(
        c.project_id, c.trace_id, started_at => c.first, ended_at => c.last, span_count => c.spans, error_count => c.errors))
      from (
        select project_id, trace_id, min(started_at) as first, max(ended_at) as last, count(*) as spans,
          count(*) filter (where status = 'error') as errors
        from new_rows group by project_id, trace_id
      ) c));
  elsif tg_op = 'UPDATE' then
    perform agensight_private.change_trace_totals((
      select array_agg(agensight_private.make_change(
        c.project_id, c.trace_id, started_at => c.first, ended_at => c.last, error_count => c.errors))
      from (
        select project_id, trace_id, min(started_at) as first, max(ended_at) as last, coalesce(sum(errors), 0) as errors
        from (
          select project_id, trace_id, started_at, ended_at, (status = 'error')::integer as errors from new_rows
          union all
          select project_id, trace_id, null, null, -(status = 'error')::integer from old_rows
        ) change group by project_id, trace_id
      ) c));
  else
    -- A trace that was deleted first is not made again.
    update agensight.traces t
    set span_count = t.span_count - d.spans, error_count = t.error_count - d.errors
    from (
      select project_id, trace_id, count(*) as spans, count(*) filter (where status = 'error') as errors
      from old_rows group by project_id, trace_id
    ) d
    where t.project_id = d.project_id and t.id = d.trace_id;
  end if;
  return null;
end $$;
comment on function agensight_private.count_spans() is 'Keeps span_count, error_count, the earliest start and the latest end of the traces whose spans a statement touched.';

create function agensight_private.sum_tokens() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    perform agensight_private.change_trace_totals((
      select array_agg(agensight_private.make_change(
        c.project_id, c.trace_id, llm_call_count => c.calls, prompt_tokens => c.prompt, completion_tokens => c.completion,
        total_tokens => c.total, cached_tokens => c.cached, cache_write_tokens => c.written, reasoning_tokens => c.reasoning,
        total_cost => c.cost))
      from (
        select project_id, trace_id, count(*) filter (where completion_index = 0) as calls, sum(prompt_tokens) as prompt,
          sum(completion_tokens) as completion, sum(total_tokens) as total, sum(cached_tokens) as cached,
          sum(cache_write_tokens) as written, sum(reasoning_tokens) as reasoning, sum(cost) as cost
        from new_rows where repeat_of is null
        group by project_id, trace_id
      ) c));
  elsif tg_op = 'UPDATE' then
    perform agensight_private.change_trace_totals((
      select array_agg(agensight_private.make_change(
        c.project_id, c.trace_id, llm_call_count => c.calls, prompt_tokens => c.prompt, completion_tokens => c.completion,
        total_tokens => c.total, cached_tokens => c.cached, cache_write_tokens => c.written, reasoning_tokens => c.reasoning,
        total_cost => c.cost))
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
    -- A trace that was deleted first is not made again.
    update agensight.traces t
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
        coalesce(sum(prompt_tokens), 0) as prompt_tokens, coalesce(sum(completion_tokens), 0) as completion_tokens,
        coalesce(sum(total_tokens), 0) as total_tokens, coalesce(sum(cached_tokens), 0) as cached_tokens,
        coalesce(sum(cache_write_tokens), 0) as cache_write_tokens, coalesce(sum(reasoning_tokens), 0) as reasoning_tokens,
        coalesce(sum(cost), 0) as total_cost
      from old_rows where repeat_of is null
      group by project_id, trace_id
    ) d
    where t.project_id = d.project_id and t.id = d.trace_id;
  end if;
  return null;
end $$;
comment on function agensight_private.sum_tokens() is 'Keeps the calls, tokens and costs of the traces whose completions a statement touched.';

create function agensight_private.sum_traces() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  -- Not empty within a batch.
  deferred constant text := current_setting('agensight.session_changes', true);
  changes agensight_private.change[];
begin
  if tg_op = 'INSERT' then
    if deferred <> '' then
      perform set_config('agensight.new_traces', (
        select array_cat(current_setting('agensight.new_traces')::text[], array_agg(n.id))::text from new_rows n), true);
    end if;
    changes := (
      select array_agg(agensight_private.make_change(
        c.project_id, c.session_id, trace_count => c.traces, span_count => c.spans, error_count => c.errors,
        llm_call_count => c.calls, prompt_tokens => c.prompt, completion_tokens => c.completion, total_tokens => c.total,
        cached_tokens => c.cached, cache_write_tokens => c.written, reasoning_tokens => c.reasoning, total_cost => c.cost))
      from (
        select project_id, session_id, count(*) as traces, sum(span_count) as spans, sum(error_count) as errors,
          sum(llm_call_count) as calls, sum(prompt_tokens) as prompt, sum(completion_tokens) as completion,
          sum(total_tokens) as total, sum(cached_tokens) as cached, sum(cache_write_tokens) as written,
          sum(reasoning_tokens) as reasoning, sum(total_cost) as cost
        from new_rows where session_id is not null
        group by project_id, session_id
      ) c);
  elsif tg_op = 'UPDATE' then
    changes := (
      select array_agg(agensight_private.make_change(
        c.project_id, c.session_id, trace_count => c.traces, span_count => c.spans, error_count => c.errors,
        llm_call_count => c.calls, prompt_tokens => c.prompt, completion_tokens => c.completion, total_tokens => c.total,
        cached_tokens => c.cached, cache_write_tokens => c.written, reasoning_tokens => c.reasoning, total_cost => c.cost))
      from (
        select project_id, session_id, sum(traces) as traces, sum(span_count) as spans, sum(error_count) as errors,
          sum(llm_call_count) as calls, sum(prompt_tokens) as prompt, sum(completion_tokens) as completion,
          sum(total_tokens) as total, sum(cached_tokens) as cached, sum(cache_write_tokens) as written,
          sum(reasoning_tokens) as reasoning, sum(total_cost) as cost
        from (
          select project_id, session_id, 1 as traces, span_count, error_count, llm_call_count, prompt_tokens, completion_tokens,
            total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, total_cost
          from new_rows where session_id is not null
          union all
          select project_id, session_id, -1, -span_count, -error_count, -llm_call_count, -prompt_tokens, -completion_tokens,
            -total_tokens, -cached_tokens, -cache_write_tokens, -reasoning_tokens, -total_cost
          from old_rows where session_id is not null
        ) change group by project_id, session_id
        having (sum(traces), sum(span_count), sum(error_count), sum(llm_call_count), sum(prompt_tokens), sum(completion_tokens),
          sum(total_tokens), sum(cached_tokens), sum(cache_write_tokens), sum(reasoning_tokens), sum(total_cost))
          <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
      ) c);
  else
    changes := (
      select array_agg(agensight_private.make_change(
        c.project_id, c.session_id, trace_count => -c.traces, span_count => -c.spans, error_count => -c.errors,
        llm_call_count => -c.calls, prompt_tokens => -c.prompt, completion_tokens => -c.completion, total_tokens => -c.total,
        cached_tokens => -c.cached, cache_write_tokens => -c.written, reasoning_tokens => -c.reasoning, total_cost => -c.cost))
      from (
        select project_id, session_id, count(*) as traces, sum(span_count) as spans, sum(error_count) as errors,
          sum(llm_call_count) as calls, sum(prompt_tokens) as prompt, sum(completion_tokens) as completion,
          sum(total_tokens) as total, sum(cached_tokens) as cached, sum(cache_write_tokens) as written,
          sum(reasoning_tokens) as reasoning, sum(total_cost) as cost
        from old_rows where session_id is not null
        group by project_id, session_id
      ) c);
  end if;
  if changes is null then
    return null;
  elsif deferred <> '' then
    perform set_config('agensight.session_changes', agensight_private.append_changes(deferred, changes), true);
  else
    perform agensight_private.add_session_totals(changes);
  end if;
  return null;
end $$;
comment on function agensight_private.sum_traces() is 'Keeps the totals of the sessions whose traces a statement touched; within a batch, at its end. Notes which traces a batch inserts.';
create trigger spans_counted_on_insert after insert on agensight.spans
  referencing new table as new_rows for each statement execute function agensight_private.count_spans();
create trigger spans_counted_on_update after update on agensight.spans
  referencing old table as old_rows new table as new_rows for each statement execute function agensight_private.count_spans();
create trigger spans_counted_on_delete after delete on agensight.spans
  referencing old table as old_rows for each statement execute function agensight_private.count_spans();
create trigger tokens_summed_on_insert after insert on agensight.completions
  referencing new table as new_rows for each statement execute function agensight_private.sum_tokens();
create trigger tokens_summed_on_update after update on agensight.completions
  referencing old table as old_rows new table as new_rows for each statement execute function agensight_private.sum_tokens();
create trigger tokens_summed_on_delete after delete on agensight.completions
  referencing old table as old_rows for each statement execute function agensight_private.sum_tokens();
create trigger traces_summed_on_insert after insert on agensight.traces
  referencing new table as new_rows for each statement execute function agensight_private.sum_traces();
create trigger traces_summed_on_update after update on agensight.traces
  referencing old table as old_rows new table as new_rows for each statement execute function agensight_private.sum_traces();
create trigger traces_summed_on_delete after delete on agensight.traces
  referencing old table as old_rows for each statement execute function agensight_private.sum_traces();
