CREATE OR REPLACE FUNCTION agensight_private.create_token (
  project      uuid,
  token_name   text,
  token_scopes text[],
  expires      timestamp with time zone
)
  RETURNS TABLE (
    id         uuid,
    token      text,
    prefix     text,
    expires_at timestamp with time zone
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  secret text;
begin
  perform agensight_private.require_manager(project);
  -- Three random uuids carry 366 random bits; hashed to 256, since pgcrypto is not everywhere.
  secret := 'agn_' || encode(sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
  return query
    insert into agensight_private.tokens as t (project_id, hash, python_hash, prefix, name, scopes, created_by, expires_at)
    values (
      project,
      sha256(convert_to(secret, 'utf8')),
      sha256(convert_to(agensight_private.python_value(secret), 'utf8')),
      left(secret, 12), token_name, token_scopes, auth.uid(), expires)
    returning t.id, secret, t.prefix, t.expires_at;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."create_token"(uuid, text, text[], timestamp WITH time zone) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."create_token"(uuid, text, text[], timestamp with time zone) IS 'The inner step of agensight.create_token(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."create_token"(uuid, text, text[], timestamp WITH time zone) FROM PUBLIC;
