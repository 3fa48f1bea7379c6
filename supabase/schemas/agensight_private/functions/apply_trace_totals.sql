CREATE OR REPLACE FUNCTION agensight_private.apply_trace_totals()
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  changes constant agensight_private.change[] := current_setting('agensight.trace_changes');
begin
  if changes <> '{}' then
    perform agensight_private.add_trace_totals(changes);
  end if;
  perform set_config('agensight.trace_changes', '', true), set_config('agensight.new_traces', '', true),
    set_config('agensight.moved_traces', '', true), set_config('agensight.known_traces', '', true),
    set_config('agensight.ordinary_spans', '', true);
end $function$;

COMMENT ON FUNCTION "agensight_private"."apply_trace_totals"() IS 'Writes the changes to totals of traces since defer_totals().';

REVOKE ALL ON FUNCTION "agensight_private"."apply_trace_totals"() FROM PUBLIC;
