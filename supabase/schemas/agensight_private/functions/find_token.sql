CREATE OR REPLACE FUNCTION agensight_private.find_token (
  token_hash text,
  scope      text
)
  RETURNS agensight_private.tokens
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  found_token agensight_private.tokens;
begin
  if token_hash ~ '^[0-9a-f]{64}$' then
    select * into found_token from agensight_private.tokens
    where hash = decode(token_hash, 'hex')
      and coalesce(revoked_at > now(), true) and coalesce(expires_at > now(), true);
    -- What the original Python SDK sends opens nothing to read.
    if found_token.id is null and scope = 'ingest' then
      select * into found_token from agensight_private.tokens
      where python_hash = decode(token_hash, 'hex')
        and coalesce(revoked_at > now(), true) and coalesce(expires_at > now(), true);
    end if;
  end if;
  if found_token.id is null then
    raise exception 'Unknown, revoked or expired token.' using errcode = 'PT401';
  end if;
  if not scope = any (found_token.scopes) then
    raise exception 'This token lacks the scope %.', scope using errcode = 'PT403';
  end if;
  return found_token;
end $function$;

COMMENT ON FUNCTION "agensight_private"."find_token"(text, text) IS 'The valid token with this hash; to write, also with this hash of the value that the original Python SDK sends. Raises PT401 for any other, with one answer for unknown, revoked and expired, and PT403 without the scope.';

REVOKE ALL ON FUNCTION "agensight_private"."find_token"(text, text) FROM PUBLIC;
