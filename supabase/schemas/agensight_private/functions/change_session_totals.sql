CREATE OR REPLACE FUNCTION agensight_private.change_session_totals (
  changes agensight_private.change[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  deferred constant text := current_setting('agensight.session_changes', true);
begin
  if changes is null then
    return;
  elsif deferred <> '' then
    perform set_config('agensight.session_changes', agensight_private.append_changes(deferred, changes), true);
  else
    perform agensight_private.add_session_totals(changes);
  end if;
end $function$;

COMMENT ON FUNCTION "agensight_private"."change_session_totals"(agensight_private.change[]) IS 'Adds differences to the totals of sessions; within a batch, at its end.';

REVOKE ALL ON FUNCTION "agensight_private"."change_session_totals"(agensight_private.change[]) FROM PUBLIC;
