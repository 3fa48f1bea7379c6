CREATE OR REPLACE FUNCTION agensight_private.count_known (
  transcript text,
  keys       text[]
)
  RETURNS integer
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  key text;
  at integer;
  known integer := 0;
begin
  foreach key in array keys loop
    at := strpos(transcript, key);
    if at > 0 then
      known := known + 1;
      transcript := substr(transcript, at + 16);
    end if;
  end loop;
  return known;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."count_known"(text, text[]) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."count_known"(text, text[]) IS 'How many of the keys a transcript (keys of 16 digits, a space between) has in this order.';

REVOKE ALL ON FUNCTION "agensight_private"."count_known"(text, text[]) FROM PUBLIC;
