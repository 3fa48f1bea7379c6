CREATE SCHEMA "agensight";

GRANT USAGE ON SCHEMA "agensight" TO "anon", "authenticated", "service_role";

COMMENT ON SCHEMA "agensight" IS 'Records of LLM applications: tables, views and functions of the API.';
