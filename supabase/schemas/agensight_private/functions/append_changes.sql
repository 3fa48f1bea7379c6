CREATE OR REPLACE FUNCTION agensight_private.append_changes (
  deferred text,
  changes  agensight_private.change[]
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case deferred when '{}' then changes::text else left(deferred, -1) || ',' || substr(changes::text, 2) end;
end $function$;

COMMENT ON FUNCTION "agensight_private"."append_changes"(text, agensight_private.change[]) IS 'Two lists of changes as one, as text for a setting.';

REVOKE ALL ON FUNCTION "agensight_private"."append_changes"(text, agensight_private.change[]) FROM PUBLIC;
