CREATE OR REPLACE FUNCTION agensight_private.note_new_traces (
  ids text[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  noted constant text := current_setting('agensight.new_traces', true);
begin
  if noted <> '' then
    perform set_config('agensight.new_traces', array_cat(noted::text[], ids)::text, true);
  end if;
end $function$;

COMMENT ON FUNCTION "agensight_private"."note_new_traces"(text[]) IS 'Adds traces that a batch inserted to new_traces(); does nothing outside of a batch.';

REVOKE ALL ON FUNCTION "agensight_private"."note_new_traces"(text[]) FROM PUBLIC;
