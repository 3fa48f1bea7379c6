CREATE OR REPLACE FUNCTION agensight_private.rotate_token (
  old_id  uuid,
  overlap interval
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
  old agensight_private.tokens;
begin
  select * into old from agensight_private.tokens t where t.id = old_id;
  perform agensight_private.require_manager(old.project_id);
  if old.revoked_at is not null then
    raise exception 'This token is revoked.' using errcode = 'PT409', hint = 'Make a new one with create_token().';
  end if;
  perform agensight_private.revoke_token(old_id, now() + overlap);
  return query select * from agensight_private.create_token(old.project_id, old.name, old.scopes, old.expires_at);
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."rotate_token"(uuid, interval) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."rotate_token"(uuid, interval) IS 'The inner step of agensight.rotate_token(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."rotate_token"(uuid, interval) FROM PUBLIC;
