CREATE OR REPLACE FUNCTION agensight.members (
  project_id uuid
)
  RETURNS TABLE (
    user_id    uuid,
    email      text,
    role       text,
    created_at timestamp with time zone
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select * from agensight_private.members($1) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."members"(uuid) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."members"(uuid) IS 'The members of a project of yours with their e-mail addresses, the earliest first; no rows for any other project.';

REVOKE ALL ON FUNCTION "agensight"."members"(uuid) FROM PUBLIC;
