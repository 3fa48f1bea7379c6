CREATE VIEW "agensight"."slow_spans" WITH (security_invoker=true) AS  SELECT d.project_id,
    d.day,
    s.trace_id,
    s.id AS span_id,
    t.session_id,
    t.name AS trace_name,
    s.name,
    s.kind,
    s.mode,
    s.status,
    s.started_at,
    s.ended_at,
    ((EXTRACT(epoch FROM (s.ended_at - s.started_at)) * (1000)::numeric))::double precision AS duration_ms
   FROM ((agensight_private.days d
     JOIN agensight.traces t ON (((t.project_id = d.project_id) AND (t.started_at >= d.since) AND (t.started_at < d.until))))
     JOIN agensight.spans s ON (((s.project_id = t.project_id) AND (s.trace_id = t.id))))
  WHERE ((d.since > (now() - '7 days'::interval)) AND (s.ended_at IS NOT NULL));

GRANT SELECT ON TABLE "agensight"."slow_spans" TO "anon", "authenticated", "service_role";

COMMENT ON VIEW "agensight"."slow_spans" IS 'The ended spans of the last seven days (UTC) with their durations: order by duration_ms descending. Bound "day" and only those days are read.';
