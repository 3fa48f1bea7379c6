CREATE OR REPLACE FUNCTION agensight_private.sum_traces()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
end $function$;

COMMENT ON FUNCTION "agensight_private"."sum_traces"() IS 'Keeps the totals of the sessions whose traces a statement touched; within a batch, at its end. Notes which traces a batch inserts.';

REVOKE ALL ON FUNCTION "agensight_private"."sum_traces"() FROM PUBLIC;
