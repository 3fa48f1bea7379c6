CREATE OR REPLACE FUNCTION agensight_private.queue_changed_traces()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_table_name = 'traces' then
    insert into agensight_private.traces_to_index as q (project_id, trace_id)
    select n.project_id, n.id from new_rows n order by n.project_id, n.id
    on conflict (project_id, trace_id) do update set queued_at = q.queued_at where false;
  else
    insert into agensight_private.traces_to_index as q (project_id, trace_id)
    select distinct n.project_id, n.trace_id from new_rows n order by n.project_id, n.trace_id
    on conflict (project_id, trace_id) do update set queued_at = q.queued_at where false;
  end if;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."queue_changed_traces"() IS 'Queues the traces whose rows a statement wrote for index_traces().';

REVOKE ALL ON FUNCTION "agensight_private"."queue_changed_traces"() FROM PUBLIC;
