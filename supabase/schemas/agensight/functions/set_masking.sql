CREATE OR REPLACE FUNCTION agensight.set_masking (
  project_id uuid,
  secrets    boolean DEFAULT NULL::boolean,
  personal   text[]  DEFAULT NULL::text[]
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select agensight_private.set_masking(project_id, secrets, personal) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."set_masking"(uuid, boolean, text[]) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."set_masking"(uuid, boolean, text[]) IS 'Sets whether a project masks secrets in what it receives, and which personal data (card, iban, email, phone, ssn); null leaves a setting as it is. For owners, admins and the service role.';

REVOKE ALL ON FUNCTION "agensight"."set_masking"(uuid, boolean, text[]) FROM PUBLIC;
