CREATE OR REPLACE FUNCTION agensight.create_token (
  project_id  uuid,
  name        text                     DEFAULT 'token'::text,
  scopes      text[]                   DEFAULT ARRAY['ingest'::text],
  valid_until timestamp with time zone DEFAULT NULL::timestamp WITH time zone
)
  RETURNS TABLE (
    id         uuid,
    token      text,
    prefix     text,
    expires_at timestamp with time zone
  )
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select * from agensight_private.create_token($1, $2, $3, $4) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."create_token"(uuid, text, text[], timestamp WITH time zone) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."create_token"(uuid, text, text[], timestamp with time zone) IS 'Makes a token for a project and returns it, only once: its SHA-256 is stored. For owners, admins and the service role.';

REVOKE ALL ON FUNCTION "agensight"."create_token"(uuid, text, text[], timestamp WITH time zone) FROM PUBLIC;
