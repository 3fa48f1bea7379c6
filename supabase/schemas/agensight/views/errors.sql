CREATE VIEW "agensight"."errors" WITH (security_invoker=true) AS  SELECT s.project_id,
    s.trace_id,
    s.id AS span_id,
    t.session_id,
    COALESCE(t.user_id, u.user_id) AS user_id,
    t.name AS trace_name,
    s.name,
    s.kind,
    s.mode,
    (s.error ->> 'type'::text) AS type,
    (s.error ->> 'message'::text) AS message,
    s.started_at,
    ((EXTRACT(epoch FROM (s.ended_at - s.started_at)) * (1000)::numeric))::double precision AS duration_ms,
    s.error
   FROM ((agensight.spans s
     LEFT JOIN agensight.traces t ON (((t.project_id = s.project_id) AND (t.id = s.trace_id))))
     LEFT JOIN agensight.sessions u ON (((u.project_id = t.project_id) AND (u.id = t.session_id))))
  WHERE (s.status = 'error'::text);

GRANT SELECT ON TABLE "agensight"."errors" TO "anon", "authenticated", "service_role";

COMMENT ON VIEW "agensight"."errors" IS 'One row per span that failed, with the user of its trace. An error that passes through several spans is a row for each. Order by started_at, or bound it.';
