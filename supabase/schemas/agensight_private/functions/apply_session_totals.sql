CREATE OR REPLACE FUNCTION agensight_private.apply_session_totals (
  project  uuid,
  sessions jsonb
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  changes constant agensight_private.change[] := current_setting('agensight.session_changes');
  others jsonb;
  written integer;
begin
  perform set_config('agensight.session_changes', '', true);
  -- Those that the batch does not name are locked in the same statement as those that it does.
  select jsonb_agg(jsonb_build_object('inferred', true, 'id', o.id)) into others
  from (
    select c.id from unnest(changes) c
    except
    select n.id from jsonb_to_recordset(sessions) as n(id text)
  ) o;
  written := agensight_private.write_sessions(project, sessions || coalesce(others, '[]'));
  if changes <> '{}' then
    perform agensight_private.add_session_totals(changes, true);
  end if;
  return written;
end $function$;

COMMENT ON FUNCTION "agensight_private"."apply_session_totals"(uuid, jsonb) IS 'Writes sessions, and the changes to their totals since defer_totals().';

REVOKE ALL ON FUNCTION "agensight_private"."apply_session_totals"(uuid, jsonb) FROM PUBLIC;
