CREATE VIEW "agensight"."invitations" WITH (security_invoker=true) AS  SELECT id,
    project_id,
    role,
    email,
    created_by,
    created_at,
    expires_at,
    accepted_by,
    accepted_at
   FROM agensight_private.invitations;

GRANT SELECT ON TABLE "agensight"."invitations" TO "authenticated", "service_role";

COMMENT ON VIEW "agensight"."invitations" IS 'The invitations of the projects you own, without their codes.';
