CREATE VIEW "agensight"."tool_usage" WITH (security_invoker=true) AS  SELECT d.project_id,
    d.day,
    u.name,
    u.calls,
    u.errors,
    u.traces,
    u.timed_calls,
    u.average_duration_ms,
    u.p95_duration_ms
   FROM (agensight_private.days d
     CROSS JOIN LATERAL ( SELECT o.name,
            count(*) AS calls,
            count(*) FILTER (WHERE (o.status = 'error'::text)) AS errors,
            count(DISTINCT t.id) AS traces,
            count((o.ended_at - o.started_at)) AS timed_calls,
            (avg((EXTRACT(epoch FROM (o.ended_at - o.started_at)) * (1000)::numeric)))::double precision AS average_duration_ms,
            percentile_cont((0.95)::double precision) WITHIN GROUP (ORDER BY (((EXTRACT(epoch FROM (o.ended_at - o.started_at)) * (1000)::numeric))::double precision)) AS p95_duration_ms
           FROM (agensight.traces t
             JOIN agensight.tools o ON (((o.project_id = t.project_id) AND (o.trace_id = t.id))))
          WHERE ((t.project_id = d.project_id) AND (t.started_at >= d.since) AND (t.started_at < d.until))
          GROUP BY o.name) u);

GRANT SELECT ON TABLE "agensight"."tool_usage" TO "anon", "authenticated", "service_role";

COMMENT ON VIEW "agensight"."tool_usage" IS 'Calls, failures and times per day (UTC) and tool, over the last hundred days. Bound "day" and only those days are read.';
