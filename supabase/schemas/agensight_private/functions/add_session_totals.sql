CREATE OR REPLACE FUNCTION agensight_private.add_session_totals (
  changes   agensight_private.change[],
  are_there boolean                    DEFAULT false
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
    begin
      insert into agensight.sessions as s (project_id, id, cache_write_tokens,
          cached_tokens,
          completion_tokens,
          error_count,
          llm_call_count,
          prompt_tokens,
          reasoning_tokens,
          span_count,
          total_cost,
          total_tokens,
          trace_count)
      select c.project_id, c.id, sum(c.cache_write_tokens),
          sum(c.cached_tokens),
          sum(c.completion_tokens),
          sum(c.error_count),
          sum(c.llm_call_count),
          sum(c.prompt_tokens),
          sum(c.reasoning_tokens),
          sum(c.span_count),
          sum(c.total_cost),
          sum(c.total_tokens),
          sum(c.trace_count)
      from unnest(changes) c
      -- A session that was deleted is not created again.
      where are_there or (select true from agensight.sessions k where k.project_id = c.project_id and k.id = c.id)
      group by c.project_id, c.id
      order by c.project_id, c.id
      on conflict (project_id, id) do update set cache_write_tokens = s.cache_write_tokens + excluded.cache_write_tokens,
          cached_tokens = s.cached_tokens + excluded.cached_tokens,
          completion_tokens = s.completion_tokens + excluded.completion_tokens,
          error_count = s.error_count + excluded.error_count,
          llm_call_count = s.llm_call_count + excluded.llm_call_count,
          prompt_tokens = s.prompt_tokens + excluded.prompt_tokens,
          reasoning_tokens = s.reasoning_tokens + excluded.reasoning_tokens,
          span_count = s.span_count + excluded.span_count,
          total_cost = s.total_cost + excluded.total_cost,
          total_tokens = s.total_tokens + excluded.total_tokens,
          trace_count = s.trace_count + excluded.trace_count;
    end $function$;

COMMENT ON FUNCTION "agensight_private"."add_session_totals"(agensight_private.change[], boolean) IS 'Adds differences to the totals of sessions, in the order of their keys; with are_there to all of them, else to those that exist. Made by agensight_private.build_totals().';

REVOKE ALL ON FUNCTION "agensight_private"."add_session_totals"(agensight_private.change[], boolean) FROM PUBLIC;
