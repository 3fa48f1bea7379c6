CREATE OR REPLACE FUNCTION agensight_private.set_masking (
  project  uuid,
  secrets  boolean,
  personal text[]
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform agensight_private.require_manager(project);
  update agensight.projects
  set mask_secrets = coalesce(secrets, mask_secrets), mask_personal = coalesce(personal, mask_personal)
  where id = project;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."set_masking"(uuid, boolean, text[]) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."set_masking"(uuid, boolean, text[]) IS 'The inner step of agensight.set_masking().';

REVOKE ALL ON FUNCTION "agensight_private"."set_masking"(uuid, boolean, text[]) FROM PUBLIC;
