CREATE OR REPLACE FUNCTION agensight_private.add_trace_totals (
  changes agensight_private.change[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
    begin
      insert into agensight.traces as t (project_id, id, started_at, ended_at, cache_write_tokens,
          cached_tokens,
          completion_tokens,
          error_count,
          llm_call_count,
          prompt_tokens,
          reasoning_tokens,
          span_count,
          total_cost,
          total_tokens)
      select c.project_id, c.id, min(c.started_at), max(c.ended_at), coalesce(sum(c.cache_write_tokens), 0),
          coalesce(sum(c.cached_tokens), 0),
          coalesce(sum(c.completion_tokens), 0),
          coalesce(sum(c.error_count), 0),
          coalesce(sum(c.llm_call_count), 0),
          coalesce(sum(c.prompt_tokens), 0),
          coalesce(sum(c.reasoning_tokens), 0),
          coalesce(sum(c.span_count), 0),
          coalesce(sum(c.total_cost), 0),
          coalesce(sum(c.total_tokens), 0)
      from unnest(changes) c
      group by c.project_id, c.id
      order by c.project_id, c.id
      on conflict (project_id, id) do update
      set started_at = least(t.started_at, excluded.started_at),
          ended_at = greatest(t.ended_at, excluded.ended_at),
          merge_state = case when t.ended_at >= excluded.ended_at or excluded.ended_at is null then t.merge_state else agensight_private.preserved_merge_state(t) end,
          cache_write_tokens = t.cache_write_tokens + excluded.cache_write_tokens,
          cached_tokens = t.cached_tokens + excluded.cached_tokens,
          completion_tokens = t.completion_tokens + excluded.completion_tokens,
          error_count = t.error_count + excluded.error_count,
          llm_call_count = t.llm_call_count + excluded.llm_call_count,
          prompt_tokens = t.prompt_tokens + excluded.prompt_tokens,
          reasoning_tokens = t.reasoning_tokens + excluded.reasoning_tokens,
          span_count = t.span_count + excluded.span_count,
          total_cost = t.total_cost + excluded.total_cost,
          total_tokens = t.total_tokens + excluded.total_tokens
      where (excluded.cache_write_tokens,
          excluded.cached_tokens,
          excluded.completion_tokens,
          excluded.error_count,
          excluded.llm_call_count,
          excluded.prompt_tokens,
          excluded.reasoning_tokens,
          excluded.span_count,
          excluded.total_cost,
          excluded.total_tokens) <> (0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0)
        or t.started_at is distinct from least(t.started_at, excluded.started_at)
        or t.ended_at is distinct from greatest(t.ended_at, excluded.ended_at);
    end $function$;

COMMENT ON FUNCTION "agensight_private"."add_trace_totals"(agensight_private.change[]) IS 'Adds differences to the totals of traces, in the order of their keys. Made by agensight_private.build_totals().';

REVOKE ALL ON FUNCTION "agensight_private"."add_trace_totals"(agensight_private.change[]) FROM PUBLIC;
