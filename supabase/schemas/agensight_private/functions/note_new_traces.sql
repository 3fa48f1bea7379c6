CREATE OR REPLACE FUNCTION agensight_private.note_new_traces()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  noted constant text := current_setting('agensight.new_traces', true);
begin
  if noted <> '' then
    perform set_config('agensight.new_traces', (select array_cat(noted::text[], array_agg(n.id))::text from new_rows n), true);
  end if;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."note_new_traces"() IS 'Notes for new_traces() which traces a batch inserts.';

REVOKE ALL ON FUNCTION "agensight_private"."note_new_traces"() FROM PUBLIC;
