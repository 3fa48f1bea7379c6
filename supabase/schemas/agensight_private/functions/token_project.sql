CREATE OR REPLACE FUNCTION agensight_private.token_project()
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
declare
  sent constant text := nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-agensight-token';
begin
  if sent is not null then
    return next (agensight_private.find_token(encode(sha256(convert_to(sent, 'utf8')), 'hex'), 'read')).project_id;
  end if;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."token_project"() TO "anon";

COMMENT ON FUNCTION "agensight_private"."token_project"() IS 'The project of the token in the request''s header x-agensight-token; none without the header. Raises PT401 for an invalid token and PT403 for one without the scope read.';

REVOKE ALL ON FUNCTION "agensight_private"."token_project"() FROM PUBLIC;
