CREATE OR REPLACE FUNCTION agensight_private.lock_traces (
  project   uuid,
  trace_ids text[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform from agensight.traces t where t.project_id = project and t.id = any (trace_ids) order by t.id for update;
end $function$;

COMMENT ON FUNCTION "agensight_private"."lock_traces"(uuid, text[]) IS 'Locks the rows of these traces, in the order in which ingest() does.';

REVOKE ALL ON FUNCTION "agensight_private"."lock_traces"(uuid, text[]) FROM PUBLIC;
