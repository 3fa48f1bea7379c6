CREATE OR REPLACE FUNCTION agensight_private.queue_traces (
  project uuid,
  traces  jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into agensight_private.traces_to_index as q (project_id, trace_id)
  select project, n.id from (select distinct r.id collate "C" as id from jsonb_to_recordset(traces) as r(id text)) n order by n.id
  on conflict (project_id, trace_id) do update set queued_at = q.queued_at where false;
end $function$;

COMMENT ON FUNCTION "agensight_private"."queue_traces"(uuid, jsonb) IS 'Queues the traces of a batch for index_traces(), once for all its rows. Their rows must be locked.';

REVOKE ALL ON FUNCTION "agensight_private"."queue_traces"(uuid, jsonb) FROM PUBLIC;
