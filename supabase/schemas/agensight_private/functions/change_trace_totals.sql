CREATE OR REPLACE FUNCTION agensight_private.change_trace_totals (
  changes agensight_private.change[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  -- Not empty within a batch.
  deferred constant text := current_setting('agensight.trace_changes', true);
begin
  if changes is null then
    return;
  elsif deferred <> '' then
    perform set_config('agensight.trace_changes', agensight_private.append_changes(deferred, changes), true);
  else
    perform agensight_private.add_trace_totals(changes);
  end if;
end $function$;

COMMENT ON FUNCTION "agensight_private"."change_trace_totals"(agensight_private.change[]) IS 'Adds differences to the totals of traces; within a batch, at its end.';

REVOKE ALL ON FUNCTION "agensight_private"."change_trace_totals"(agensight_private.change[]) FROM PUBLIC;
