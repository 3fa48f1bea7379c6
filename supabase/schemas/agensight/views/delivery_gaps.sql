CREATE VIEW "agensight"."delivery_gaps" WITH (security_invoker=true) AS  SELECT project_id,
    process_id,
    sdk_name,
    sdk_version,
    batches,
    first_received_at,
    last_received_at,
    created,
    dropped,
    stored,
    GREATEST((0)::bigint, ((created - dropped) - stored)) AS missing
   FROM ( SELECT r.project_id,
            (r.sdk ->> 'process_id'::text) AS process_id,
            max((r.sdk ->> 'name'::text)) AS sdk_name,
            max((r.sdk ->> 'version'::text)) AS sdk_version,
            count(*) AS batches,
            min(r.received_at) AS first_received_at,
            max(r.received_at) AS last_received_at,
            max(((r.sdk ->> 'created'::text))::bigint) AS created,
            max(((r.sdk ->> 'dropped'::text))::bigint) AS dropped,
            (min(((r.sdk ->> 'sent'::text))::bigint) + (sum(( SELECT COALESCE(sum((n.value)::bigint), (0)::numeric) AS "coalesce"
                   FROM jsonb_each_text(r.stored) n(key, value))))::bigint) AS stored
           FROM agensight.receipts r
          WHERE ((r.received_at > (now() - '7 days'::interval)) AND ((r.sdk ->> 'process_id'::text) IS NOT NULL))
          GROUP BY r.project_id, (r.sdk ->> 'process_id'::text)) g;

GRANT SELECT ON TABLE "agensight"."delivery_gaps" TO "anon", "authenticated", "service_role";

COMMENT ON VIEW "agensight"."delivery_gaps" IS 'One row per process that sent something in the last seven days: how many records it created, dropped and got stored, and how many are missing. A running process has some in transit; one that ended has lost the missing ones.';
