CREATE OR REPLACE FUNCTION agensight_private.current_token()
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  sent constant text := nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-agensight-token';
  t agensight_private.tokens := agensight_private.find_token(encode(sha256(convert_to(coalesce(sent, ''), 'utf8')), 'hex'), 'read');
begin
  update agensight_private.tokens set last_used_at = now()
  where id = (
    select k.id from agensight_private.tokens k
    where k.id = t.id and coalesce(k.last_used_at < now() - interval '1 minute', true)
    for update skip locked);
  return jsonb_build_object(
    'token_id', t.id, 'project_id', t.project_id, 'name', t.name, 'scopes', to_jsonb(t.scopes),
    'expires_at', least(t.expires_at, t.revoked_at));
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."current_token"() TO "anon";

COMMENT ON FUNCTION "agensight_private"."current_token"() IS 'The inner step of agensight.current_token(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."current_token"() FROM PUBLIC;
