CREATE VIEW "agensight"."daily_usage" WITH (security_invoker=true) AS  SELECT d.project_id,
    d.day,
    u.provider,
    u.model,
    u.mode,
    u.calls,
    u.traces,
    u.prompt_tokens,
    u.completion_tokens,
    u.total_tokens,
    u.cached_tokens,
    u.cache_write_tokens,
    u.reasoning_tokens,
    u.cost,
    u.unpriced_calls
   FROM (agensight_private.days d
     CROSS JOIN LATERAL ( SELECT c.provider,
            c.model,
            t.mode,
            count(*) FILTER (WHERE (c.completion_index = 0)) AS calls,
            count(DISTINCT t.id) AS traces,
            (COALESCE(sum(c.prompt_tokens), (0)::numeric))::bigint AS prompt_tokens,
            (COALESCE(sum(c.completion_tokens), (0)::numeric))::bigint AS completion_tokens,
            (COALESCE(sum(c.total_tokens), (0)::numeric))::bigint AS total_tokens,
            (COALESCE(sum(c.cached_tokens), (0)::numeric))::bigint AS cached_tokens,
            (COALESCE(sum(c.cache_write_tokens), (0)::numeric))::bigint AS cache_write_tokens,
            (COALESCE(sum(c.reasoning_tokens), (0)::numeric))::bigint AS reasoning_tokens,
            COALESCE(sum(c.cost), (0)::numeric) AS cost,
            count(*) FILTER (WHERE ((c.completion_index = 0) AND (c.cost IS NULL))) AS unpriced_calls
           FROM (agensight.traces t
             JOIN agensight.completions c ON (((c.project_id = t.project_id) AND (c.trace_id = t.id))))
          WHERE ((t.project_id = d.project_id) AND (t.started_at >= d.since) AND (t.started_at < d.until) AND (c.repeat_of IS NULL))
          GROUP BY c.provider, c.model, t.mode) u);

GRANT SELECT ON TABLE "agensight"."daily_usage" TO "anon", "authenticated", "service_role";

COMMENT ON VIEW "agensight"."daily_usage" IS 'Calls, tokens and cost per day (UTC), model and mode, over the last hundred days. Bound "day" and only those days are read.';
