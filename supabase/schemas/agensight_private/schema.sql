CREATE SCHEMA "agensight_private";

GRANT USAGE ON SCHEMA "agensight_private" TO "anon", "authenticated", "service_role";

COMMENT ON SCHEMA "agensight_private" IS 'Secrets, helpers of policies and the inner steps of the API''s functions. Not exposed by the API.';
