CREATE VIEW "agensight"."tokens" WITH (security_invoker=true) AS  SELECT id,
    project_id,
    prefix,
    name,
    scopes,
    created_by,
    created_at,
    expires_at,
    revoked_at,
    last_used_at
   FROM agensight_private.tokens;

GRANT SELECT ON TABLE "agensight"."tokens" TO "authenticated", "service_role";

COMMENT ON VIEW "agensight"."tokens" IS 'The tokens of the projects you manage, without their hashes.';
