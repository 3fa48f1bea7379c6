CREATE VIEW "agensight"."late_traces" WITH (security_invoker=true) AS  SELECT project_id,
    id AS trace_id,
    name,
    service_name,
    release,
    started_at,
    ended_at,
    received_at,
    agensight.arrival(t.*) AS arrival,
    ((EXTRACT(epoch FROM (received_at - COALESCE(ended_at, started_at))) * (1000)::numeric))::double precision AS late_by_ms
   FROM agensight.traces t
  WHERE (agensight.arrival(t.*) <> 'on time'::text);

GRANT SELECT ON TABLE "agensight"."late_traces" TO "anon", "authenticated", "service_role";

COMMENT ON VIEW "agensight"."late_traces" IS 'One row per trace that arrived late or from a wrong clock. Order by received_at, or bound it.';
