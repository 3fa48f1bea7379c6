CREATE OR REPLACE FUNCTION agensight.authenticate (
  token_hash text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  t agensight_private.tokens := agensight_private.find_token(token_hash, 'ingest');
  p agensight.projects;
  recent integer;
begin
  -- To the minute only, so that a busy token does not rewrite its row with each request.
  update agensight_private.tokens set last_used_at = now()
  where id = t.id and coalesce(last_used_at < now() - interval '1 minute', true);
  select * into p from agensight.projects where id = t.project_id;
  -- The caller needs no more than "twice the budget", so the count ends there.
  select count(*) into recent from (
    select from agensight.receipts r
    where r.project_id = t.project_id and r.received_at > now() - interval '1 minute'
    limit p.requests_per_minute * 2
  ) r;
  return jsonb_build_object(
    'project_id', t.project_id, 'token_id', t.id, 'scopes', to_jsonb(t.scopes),
    'expires_at', least(t.expires_at, t.revoked_at),
    'limits', jsonb_build_object(
      'requests_per_minute', p.requests_per_minute, 'bytes_per_minute', p.bytes_per_minute,
      'requests_last_minute', recent),
    'masking', jsonb_build_object('secrets', p.mask_secrets, 'personal', to_jsonb(p.mask_personal)));
end $function$;

GRANT EXECUTE ON FUNCTION "agensight"."authenticate"(text) TO "service_role";

COMMENT ON FUNCTION "agensight"."authenticate"(text) IS 'The project of a token, given as lower-case hexadecimal SHA-256, its budget with what was stored in the last minute (counted up to twice the budget), and what it masks. Raises PT401 or PT403. For the ingest function alone.';

REVOKE ALL ON FUNCTION "agensight"."authenticate"(text) FROM PUBLIC;
