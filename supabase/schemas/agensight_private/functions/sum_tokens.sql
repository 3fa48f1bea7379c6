CREATE OR REPLACE FUNCTION agensight_private.sum_tokens()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
end $function$;

COMMENT ON FUNCTION "agensight_private"."sum_tokens"() IS 'Keeps the calls, tokens and costs of the traces whose completions a statement touched.';

REVOKE ALL ON FUNCTION "agensight_private"."sum_tokens"() FROM PUBLIC;
