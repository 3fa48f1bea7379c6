CREATE OR REPLACE FUNCTION agensight.create_invitation (
  project_id uuid,
  role       text     DEFAULT 'viewer'::text,
  email      text     DEFAULT NULL::text,
  valid_for  interval DEFAULT '7 days'::interval
)
  RETURNS TABLE (
    id         uuid,
    code       text,
    role       text,
    email      text,
    expires_at timestamp with time zone
  )
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select * from agensight_private.create_invitation($1, $2, $3, $4) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."create_invitation"(uuid, text, text, interval) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."create_invitation"(uuid, text, text, interval) IS 'Makes an invitation and returns its code, only once: its SHA-256 is stored. It can be accepted once, within one minute to 30 days, and with an e-mail address only by the user with that address. You send the code; no e-mail is sent. For owners and the service role.';

REVOKE ALL ON FUNCTION "agensight"."create_invitation"(uuid, text, text, interval) FROM PUBLIC;
