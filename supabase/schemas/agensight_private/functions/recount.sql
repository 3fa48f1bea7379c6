CREATE OR REPLACE FUNCTION agensight_private.recount (
  project uuid,
  traces  text[]
)
  RETURNS TABLE (
    trace_id text,
    totals   jsonb
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select t.id, jsonb_build_object(
    'span_count', s.spans, 'error_count', s.errors, 'llm_call_count', c.calls,
    'prompt_tokens', c.prompt, 'completion_tokens', c.completion, 'total_tokens', c.total, 'cached_tokens', c.cached,
    'cache_write_tokens', c.written, 'reasoning_tokens', c.reasoning, 'total_cost', trim_scale(c.cost))
  from agensight.traces t
  cross join lateral (
    select count(*) as spans, count(*) filter (where status = 'error') as errors
    from agensight.spans s where s.project_id = project and s.trace_id = t.id
  ) s
  cross join lateral (
    select count(*) filter (where completion_index = 0) as calls, coalesce(sum(prompt_tokens), 0) as prompt,
           coalesce(sum(completion_tokens), 0) as completion, coalesce(sum(total_tokens), 0) as total,
           coalesce(sum(cached_tokens), 0) as cached, coalesce(sum(cache_write_tokens), 0) as written,
           coalesce(sum(reasoning_tokens), 0) as reasoning, coalesce(sum(cost), 0) as cost
    from agensight.completions c where c.project_id = project and c.trace_id = t.id and c.repeat_of is null
  ) c
  where t.project_id = project and (traces is null or t.id = any (traces))
$function$;

COMMENT ON FUNCTION "agensight_private"."recount"(uuid, text[]) IS 'The totals of traces, counted from their spans and completions; of all traces of the project for null.';

REVOKE ALL ON FUNCTION "agensight_private"."recount"(uuid, text[]) FROM PUBLIC;
