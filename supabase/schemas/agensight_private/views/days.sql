CREATE VIEW "agensight_private"."days" WITH (security_invoker=true) AS  SELECT p.id AS project_id,
    (timezone('UTC'::text, d.since))::date AS day,
    d.since,
    d.until
   FROM (agensight.projects p
     CROSS JOIN ( SELECT since.since,
            (since.since + '24:00:00'::interval) AS until
           FROM generate_series((timezone('UTC'::text, date_trunc('day'::text, timezone('UTC'::text, now()))) - '2376:00:00'::interval), now(), '24:00:00'::interval) since(since)) d)
 OFFSET 0;

GRANT SELECT ON TABLE "agensight_private"."days" TO "anon", "authenticated", "service_role";

COMMENT ON VIEW "agensight_private"."days" IS 'The last hundred days, in UTC, of each project that the reader may see; the basis of the views per day.';
