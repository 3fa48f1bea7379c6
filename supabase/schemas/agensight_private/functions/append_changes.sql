CREATE OR REPLACE FUNCTION agensight_private.append_changes (
  kept_back text,
  changes   agensight_private.change[]
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case kept_back when '{}' then changes::text else left(kept_back, -1) || ',' || substr(changes::text, 2) end;
end $function$;

COMMENT ON FUNCTION "agensight_private"."append_changes"(text, agensight_private.change[]) IS 'Two lists of changes as one, in the form in which a setting can hold them.';

REVOKE ALL ON FUNCTION "agensight_private"."append_changes"(text, agensight_private.change[]) FROM PUBLIC;
