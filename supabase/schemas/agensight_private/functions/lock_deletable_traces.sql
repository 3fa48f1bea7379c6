CREATE OR REPLACE FUNCTION agensight_private.lock_deletable_traces (
  project         uuid,
  wanted          text[],
  received_before timestamp with time zone
)
  RETURNS text[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  session_ids text[];
  trace_ids text[];
begin
  -- What is being written now is left for the next run: skipping locked rows never waits, so it cannot
  -- be part of a deadlock.
  select array_agg(l.id) into session_ids from (
    select s.id from agensight.sessions s
    where s.project_id = project and s.id in (
      select t.session_id from agensight.traces t where t.project_id = project and t.id = any (wanted))
    for update skip locked
  ) l;
  select coalesce(array_agg(l.id), '{}') into trace_ids from (
    select t.id from agensight.traces t
    where t.project_id = project and t.id = any (wanted)
      -- Since it was found, another run may have deleted it and a late record made it again.
      and t.received_at < received_before
      and (t.session_id is null or t.session_id = any (session_ids)
        or not exists (select from agensight.sessions s where s.project_id = project and s.id = t.session_id))
    for update skip locked
  ) l;
  return trace_ids;
end $function$;

COMMENT ON FUNCTION "agensight_private"."lock_deletable_traces"(uuid, text[], timestamp with time zone) IS 'Locks those of the traces that no other transaction is writing and that were received before a moment, with their sessions, to be deleted. Returns their ids.';

REVOKE ALL ON FUNCTION "agensight_private"."lock_deletable_traces"(uuid, text[], timestamp WITH time zone) FROM PUBLIC;
