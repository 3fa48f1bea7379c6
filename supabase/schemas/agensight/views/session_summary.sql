CREATE VIEW "agensight"."session_summary" WITH (security_invoker=true) AS  SELECT project_id,
    id,
    name,
    user_id,
    mode,
    started_at,
    ended_at,
    ((EXTRACT(epoch FROM (ended_at - started_at)) * (1000)::numeric))::double precision AS duration_ms,
    ( SELECT t.status
           FROM agensight.traces t
          WHERE ((t.project_id = s.project_id) AND (t.session_id = s.id))
          ORDER BY t.started_at DESC, t.id DESC
         LIMIT 1) AS last_status,
    trace_count,
    span_count,
    error_count,
    llm_call_count,
    prompt_tokens,
    completion_tokens,
    total_tokens,
    cached_tokens,
    cache_write_tokens,
    reasoning_tokens,
    total_cost,
    metadata
   FROM agensight.sessions s;

GRANT SELECT ON TABLE "agensight"."session_summary" TO "anon", "authenticated", "service_role";

COMMENT ON VIEW "agensight"."session_summary" IS 'One row per session, ready for a list: its user, last status and cost. Order by started_at for a page.';
