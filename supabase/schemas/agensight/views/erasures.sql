CREATE VIEW "agensight"."erasures" WITH (security_invoker=true) AS  SELECT id,
    project_id,
    user_hash,
    requested_by,
    requested_at,
    finished_at,
    deleted
   FROM agensight_private.erasures;

GRANT SELECT ON TABLE "agensight"."erasures" TO "authenticated", "service_role";

COMMENT ON VIEW "agensight"."erasures" IS 'The receipts of forget_user() in the projects you own.';
