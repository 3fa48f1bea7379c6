CREATE OR REPLACE FUNCTION agensight_private.sum_completions()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
    begin
      if tg_op = 'INSERT' then
        perform agensight_private.change_trace_totals((select array_agg(row(c.project_id, c.id, null, null, null, c.cache_write_tokens, c.cached_tokens, c.completion_tokens, null, c.llm_call_count, c.prompt_tokens, c.reasoning_tokens, null, c.total_cost, c.total_tokens)::agensight_private.change) from (
          select project_id, id, coalesce(sum(cache_write_tokens), 0) as cache_write_tokens,
          coalesce(sum(cached_tokens), 0) as cached_tokens,
          coalesce(sum(completion_tokens), 0) as completion_tokens,
          coalesce(sum(llm_call_count), 0) as llm_call_count,
          coalesce(sum(prompt_tokens), 0) as prompt_tokens,
          coalesce(sum(reasoning_tokens), 0) as reasoning_tokens,
          coalesce(sum(total_cost), 0) as total_cost,
          coalesce(sum(total_tokens), 0) as total_tokens from (
          select project_id, trace_id as id, cache_write_tokens as cache_write_tokens,
          cached_tokens as cached_tokens,
          completion_tokens as completion_tokens,
          case when completion_index = 0 and repeat_of is null then 1 end as llm_call_count,
          prompt_tokens as prompt_tokens,
          reasoning_tokens as reasoning_tokens,
          cost as total_cost,
          total_tokens as total_tokens from new_rows where trace_id is not null
          ) r group by project_id, id) c));
      elsif tg_op = 'UPDATE' then
        perform agensight_private.change_trace_totals((select array_agg(row(c.project_id, c.id, null, null, null, c.cache_write_tokens, c.cached_tokens, c.completion_tokens, null, c.llm_call_count, c.prompt_tokens, c.reasoning_tokens, null, c.total_cost, c.total_tokens)::agensight_private.change) from (
          select project_id, id, coalesce(sum(cache_write_tokens), 0) as cache_write_tokens,
          coalesce(sum(cached_tokens), 0) as cached_tokens,
          coalesce(sum(completion_tokens), 0) as completion_tokens,
          coalesce(sum(llm_call_count), 0) as llm_call_count,
          coalesce(sum(prompt_tokens), 0) as prompt_tokens,
          coalesce(sum(reasoning_tokens), 0) as reasoning_tokens,
          coalesce(sum(total_cost), 0) as total_cost,
          coalesce(sum(total_tokens), 0) as total_tokens from (
          select project_id, trace_id as id, cache_write_tokens as cache_write_tokens,
          cached_tokens as cached_tokens,
          completion_tokens as completion_tokens,
          case when completion_index = 0 and repeat_of is null then 1 end as llm_call_count,
          prompt_tokens as prompt_tokens,
          reasoning_tokens as reasoning_tokens,
          cost as total_cost,
          total_tokens as total_tokens from new_rows where trace_id is not null
          union all
          select project_id, trace_id as id, -(cache_write_tokens) as cache_write_tokens,
          -(cached_tokens) as cached_tokens,
          -(completion_tokens) as completion_tokens,
          -(case when completion_index = 0 and repeat_of is null then 1 end) as llm_call_count,
          -(prompt_tokens) as prompt_tokens,
          -(reasoning_tokens) as reasoning_tokens,
          -(cost) as total_cost,
          -(total_tokens) as total_tokens from old_rows where trace_id is not null
          ) r group by project_id, id
          having (coalesce(sum(cache_write_tokens), 0),
          coalesce(sum(cached_tokens), 0),
          coalesce(sum(completion_tokens), 0),
          coalesce(sum(llm_call_count), 0),
          coalesce(sum(prompt_tokens), 0),
          coalesce(sum(reasoning_tokens), 0),
          coalesce(sum(total_cost), 0),
          coalesce(sum(total_tokens), 0)) <> (0,
          0,
          0,
          0,
          0,
          0,
          0,
          0)) c));
      else
        update agensight.traces t
        set cache_write_tokens = t.cache_write_tokens + d.cache_write_tokens,
          cached_tokens = t.cached_tokens + d.cached_tokens,
          completion_tokens = t.completion_tokens + d.completion_tokens,
          llm_call_count = t.llm_call_count + d.llm_call_count,
          prompt_tokens = t.prompt_tokens + d.prompt_tokens,
          reasoning_tokens = t.reasoning_tokens + d.reasoning_tokens,
          total_cost = t.total_cost + d.total_cost,
          total_tokens = t.total_tokens + d.total_tokens
        from (
          select project_id, id, coalesce(sum(cache_write_tokens), 0) as cache_write_tokens,
          coalesce(sum(cached_tokens), 0) as cached_tokens,
          coalesce(sum(completion_tokens), 0) as completion_tokens,
          coalesce(sum(llm_call_count), 0) as llm_call_count,
          coalesce(sum(prompt_tokens), 0) as prompt_tokens,
          coalesce(sum(reasoning_tokens), 0) as reasoning_tokens,
          coalesce(sum(total_cost), 0) as total_cost,
          coalesce(sum(total_tokens), 0) as total_tokens from (
          select project_id, trace_id as id, -(cache_write_tokens) as cache_write_tokens,
          -(cached_tokens) as cached_tokens,
          -(completion_tokens) as completion_tokens,
          -(case when completion_index = 0 and repeat_of is null then 1 end) as llm_call_count,
          -(prompt_tokens) as prompt_tokens,
          -(reasoning_tokens) as reasoning_tokens,
          -(cost) as total_cost,
          -(total_tokens) as total_tokens from old_rows where trace_id is not null
          ) r group by project_id, id) d
        where t.project_id = d.project_id and t.id = d.id;
      end if;
      return null;
    end $function$;

COMMENT ON FUNCTION "agensight_private"."sum_completions"() IS 'Keeps the totals of the traces whose completions a statement touched. Made by agensight_private.build_totals().';

REVOKE ALL ON FUNCTION "agensight_private"."sum_completions"() FROM PUBLIC;
