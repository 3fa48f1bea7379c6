CREATE VIEW "agensight"."llm_calls" WITH (security_invoker=true) AS  SELECT s.project_id,
    s.trace_id,
    s.id AS span_id,
    t.session_id,
    COALESCE(t.user_id, u.user_id) AS user_id,
    t.name AS trace_name,
    s.name,
    s.mode,
    c.provider,
    c.model,
    s.status,
    (s.error ->> 'message'::text) AS error_message,
    s.started_at,
    s.ended_at,
    ((EXTRACT(epoch FROM (s.ended_at - s.started_at)) * (1000)::numeric))::double precision AS duration_ms,
    c.time_to_first_token_ms,
    c.finish_reason,
    c.prompt_tokens,
    c.completion_tokens,
    c.total_tokens,
    c.cached_tokens,
    c.cache_write_tokens,
    c.reasoning_tokens,
    c.cost,
    COALESCE(( SELECT (COALESCE(( SELECT sum(r.count) AS sum
                   FROM unnest(l.counts) r(count)), (cardinality(l.hashes))::bigint))::integer AS "coalesce"
           FROM agensight.message_lists l
          WHERE ((l.project_id = s.project_id) AND (l.trace_id = s.trace_id) AND (l.span_id = s.id))), 0) AS message_count,
    ( SELECT count(*) AS count
           FROM agensight.tools o
          WHERE ((o.project_id = s.project_id) AND (o.trace_id = s.trace_id) AND (o.span_id = s.id))) AS tool_call_count,
    c.content AS answer
   FROM (((agensight.spans s
     LEFT JOIN agensight.completions c ON (((c.project_id = s.project_id) AND (c.trace_id = s.trace_id) AND (c.span_id = s.id) AND (c.completion_index = 0))))
     LEFT JOIN agensight.traces t ON (((t.project_id = s.project_id) AND (t.id = s.trace_id))))
     LEFT JOIN agensight.sessions u ON (((u.project_id = t.project_id) AND (u.id = t.session_id))))
  WHERE ((s.kind = 'llm'::text) AND (c.repeat_of IS NULL));

GRANT SELECT ON TABLE "agensight"."llm_calls" TO "anon", "authenticated", "service_role";

COMMENT ON VIEW "agensight"."llm_calls" IS 'One row per call of a model, each once, with its first answer, usage, cost and times. Order by started_at, or bound it.';
