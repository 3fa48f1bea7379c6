CREATE OR REPLACE FUNCTION agensight_private.defer_totals()
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform set_config('agensight.trace_changes', '{}', true), set_config('agensight.session_changes', '{}', true),
    set_config('agensight.new_traces', '{}', true), set_config('agensight.moved_traces', '{}', true);
end $function$;

COMMENT ON FUNCTION "agensight_private"."defer_totals"() IS 'From here, in this transaction, totals are not written: those of traces until apply_trace_totals(), those of sessions until apply_session_totals(). Until the former, new_traces() has the inserted traces, and the setting agensight.moved_traces those in which spans moved.';

REVOKE ALL ON FUNCTION "agensight_private"."defer_totals"() FROM PUBLIC;
