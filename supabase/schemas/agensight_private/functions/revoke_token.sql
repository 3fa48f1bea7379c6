CREATE OR REPLACE FUNCTION agensight_private.revoke_token (
  token uuid,
  at    timestamp with time zone
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  project uuid;
begin
  select project_id into project from agensight_private.tokens where id = token;
  perform agensight_private.require_manager(project);
  update agensight_private.tokens set revoked_at = least(revoked_at, at) where id = token;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."revoke_token"(uuid, timestamp WITH time zone) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."revoke_token"(uuid, timestamp with time zone) IS 'The inner step of agensight.revoke_token(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."revoke_token"(uuid, timestamp WITH time zone) FROM PUBLIC;
