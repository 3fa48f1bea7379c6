CREATE OR REPLACE FUNCTION agensight_private.queue_session_traces()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into agensight_private.traces_to_index as q (project_id, trace_id)
  -- A trace that is being written is queued by its writer, and waiting for it here would deadlock: at its
  -- end the writer waits for the session, which is locked here.
  select t.project_id, t.id
  from (
    select t.project_id, t.id from agensight.traces t where t.project_id = new.project_id and t.session_id = new.id
    offset 0 for share skip locked
  ) t
  order by t.id
  on conflict (project_id, trace_id) do update set queued_at = q.queued_at where false;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."queue_session_traces"() IS 'Queues the traces of a session for index_traces().';

REVOKE ALL ON FUNCTION "agensight_private"."queue_session_traces"() FROM PUBLIC;
