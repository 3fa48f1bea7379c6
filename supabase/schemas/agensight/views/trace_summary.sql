CREATE VIEW "agensight"."trace_summary" WITH (security_invoker=true) AS  SELECT t.project_id,
    t.id,
    t.session_id,
    s.name AS session_name,
    COALESCE(t.user_id, s.user_id) AS user_id,
    t.name,
    t.service_name,
    t.release,
    t.mode,
    t.status,
    (t.error ->> 'message'::text) AS error_message,
    t.started_at,
    t.ended_at,
    ((EXTRACT(epoch FROM (t.ended_at - t.started_at)) * (1000)::numeric))::double precision AS duration_ms,
    t.span_count,
    t.error_count,
    t.llm_call_count,
    ( SELECT count(*) AS count
           FROM agensight.tools u
          WHERE ((u.project_id = t.project_id) AND (u.trace_id = t.id))) AS tool_call_count,
    t.prompt_tokens,
    t.completion_tokens,
    t.total_tokens,
    t.cached_tokens,
    t.cache_write_tokens,
    t.reasoning_tokens,
    t.total_cost,
    ( SELECT array_agg(DISTINCT c.model ORDER BY c.model) AS array_agg
           FROM agensight.completions c
          WHERE ((c.project_id = t.project_id) AND (c.trace_id = t.id))) AS models,
    t.tags,
    t.metadata
   FROM (agensight.traces t
     LEFT JOIN agensight.sessions s ON (((s.project_id = t.project_id) AND (s.id = t.session_id))));

GRANT SELECT ON TABLE "agensight"."trace_summary" TO "anon", "authenticated", "service_role";

COMMENT ON VIEW "agensight"."trace_summary" IS 'One row per trace, ready for a list: its user, duration, cost and models. Order by started_at for a page.';
