CREATE OR REPLACE FUNCTION agensight_private.revoke_invitation (
  invitation uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform agensight_private.require_owner((select i.project_id from agensight_private.invitations i where i.id = invitation));
  delete from agensight_private.invitations i where i.id = invitation and i.accepted_at is null;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."revoke_invitation"(uuid) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."revoke_invitation"(uuid) IS 'The inner step of agensight.revoke_invitation(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."revoke_invitation"(uuid) FROM PUBLIC;
