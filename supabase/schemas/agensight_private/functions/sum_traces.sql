CREATE OR REPLACE FUNCTION agensight_private.sum_traces()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
    begin
      if tg_op = 'INSERT' then
        perform agensight_private.note_new_traces((select array_agg(n.id) from new_rows n));
        perform agensight_private.change_session_totals((select array_agg(row(c.project_id, c.id, null, null, c.trace_count, c.cache_write_tokens, c.cached_tokens, c.completion_tokens, c.error_count, c.llm_call_count, c.prompt_tokens, c.reasoning_tokens, c.span_count, c.total_cost, c.total_tokens)::agensight_private.change) from (
          select project_id, id, coalesce(sum(cache_write_tokens), 0) as cache_write_tokens,
          coalesce(sum(cached_tokens), 0) as cached_tokens,
          coalesce(sum(completion_tokens), 0) as completion_tokens,
          coalesce(sum(error_count), 0) as error_count,
          coalesce(sum(llm_call_count), 0) as llm_call_count,
          coalesce(sum(prompt_tokens), 0) as prompt_tokens,
          coalesce(sum(reasoning_tokens), 0) as reasoning_tokens,
          coalesce(sum(span_count), 0) as span_count,
          coalesce(sum(total_cost), 0) as total_cost,
          coalesce(sum(total_tokens), 0) as total_tokens,
          coalesce(sum(trace_count), 0) as trace_count from (
          select project_id, session_id as id, cache_write_tokens as cache_write_tokens,
          cached_tokens as cached_tokens,
          completion_tokens as completion_tokens,
          error_count as error_count,
          llm_call_count as llm_call_count,
          prompt_tokens as prompt_tokens,
          reasoning_tokens as reasoning_tokens,
          span_count as span_count,
          total_cost as total_cost,
          total_tokens as total_tokens,
          1 as trace_count from new_rows where session_id is not null
          ) r group by project_id, id) c));
      elsif tg_op = 'UPDATE' then
        perform agensight_private.change_session_totals((select array_agg(row(c.project_id, c.id, null, null, c.trace_count, c.cache_write_tokens, c.cached_tokens, c.completion_tokens, c.error_count, c.llm_call_count, c.prompt_tokens, c.reasoning_tokens, c.span_count, c.total_cost, c.total_tokens)::agensight_private.change) from (
          select project_id, id, coalesce(sum(cache_write_tokens), 0) as cache_write_tokens,
          coalesce(sum(cached_tokens), 0) as cached_tokens,
          coalesce(sum(completion_tokens), 0) as completion_tokens,
          coalesce(sum(error_count), 0) as error_count,
          coalesce(sum(llm_call_count), 0) as llm_call_count,
          coalesce(sum(prompt_tokens), 0) as prompt_tokens,
          coalesce(sum(reasoning_tokens), 0) as reasoning_tokens,
          coalesce(sum(span_count), 0) as span_count,
          coalesce(sum(total_cost), 0) as total_cost,
          coalesce(sum(total_tokens), 0) as total_tokens,
          coalesce(sum(trace_count), 0) as trace_count from (
          select project_id, session_id as id, cache_write_tokens as cache_write_tokens,
          cached_tokens as cached_tokens,
          completion_tokens as completion_tokens,
          error_count as error_count,
          llm_call_count as llm_call_count,
          prompt_tokens as prompt_tokens,
          reasoning_tokens as reasoning_tokens,
          span_count as span_count,
          total_cost as total_cost,
          total_tokens as total_tokens,
          1 as trace_count from new_rows where session_id is not null
          union all
          select project_id, session_id as id, -(cache_write_tokens) as cache_write_tokens,
          -(cached_tokens) as cached_tokens,
          -(completion_tokens) as completion_tokens,
          -(error_count) as error_count,
          -(llm_call_count) as llm_call_count,
          -(prompt_tokens) as prompt_tokens,
          -(reasoning_tokens) as reasoning_tokens,
          -(span_count) as span_count,
          -(total_cost) as total_cost,
          -(total_tokens) as total_tokens,
          -(1) as trace_count from old_rows where session_id is not null
          ) r group by project_id, id
          having (coalesce(sum(cache_write_tokens), 0),
          coalesce(sum(cached_tokens), 0),
          coalesce(sum(completion_tokens), 0),
          coalesce(sum(error_count), 0),
          coalesce(sum(llm_call_count), 0),
          coalesce(sum(prompt_tokens), 0),
          coalesce(sum(reasoning_tokens), 0),
          coalesce(sum(span_count), 0),
          coalesce(sum(total_cost), 0),
          coalesce(sum(total_tokens), 0),
          coalesce(sum(trace_count), 0)) <> (0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0)) c));
      else
        perform agensight_private.change_session_totals((select array_agg(row(c.project_id, c.id, null, null, c.trace_count, c.cache_write_tokens, c.cached_tokens, c.completion_tokens, c.error_count, c.llm_call_count, c.prompt_tokens, c.reasoning_tokens, c.span_count, c.total_cost, c.total_tokens)::agensight_private.change) from (
          select project_id, id, coalesce(sum(cache_write_tokens), 0) as cache_write_tokens,
          coalesce(sum(cached_tokens), 0) as cached_tokens,
          coalesce(sum(completion_tokens), 0) as completion_tokens,
          coalesce(sum(error_count), 0) as error_count,
          coalesce(sum(llm_call_count), 0) as llm_call_count,
          coalesce(sum(prompt_tokens), 0) as prompt_tokens,
          coalesce(sum(reasoning_tokens), 0) as reasoning_tokens,
          coalesce(sum(span_count), 0) as span_count,
          coalesce(sum(total_cost), 0) as total_cost,
          coalesce(sum(total_tokens), 0) as total_tokens,
          coalesce(sum(trace_count), 0) as trace_count from (
          select project_id, session_id as id, -(cache_write_tokens) as cache_write_tokens,
          -(cached_tokens) as cached_tokens,
          -(completion_tokens) as completion_tokens,
          -(error_count) as error_count,
          -(llm_call_count) as llm_call_count,
          -(prompt_tokens) as prompt_tokens,
          -(reasoning_tokens) as reasoning_tokens,
          -(span_count) as span_count,
          -(total_cost) as total_cost,
          -(total_tokens) as total_tokens,
          -(1) as trace_count from old_rows where session_id is not null
          ) r group by project_id, id) c));
      end if;
      return null;
    end $function$;

COMMENT ON FUNCTION "agensight_private"."sum_traces"() IS 'Keeps the totals of the sessions whose traces a statement touched. Made by agensight_private.build_totals().';

REVOKE ALL ON FUNCTION "agensight_private"."sum_traces"() FROM PUBLIC;
