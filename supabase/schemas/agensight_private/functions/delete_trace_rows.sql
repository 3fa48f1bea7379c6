CREATE OR REPLACE FUNCTION agensight_private.delete_trace_rows (
  target    regclass,
  project   uuid,
  trace_ids text[],
  at_most   integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  deleted integer;
begin
  execute format(
    'delete from %1$s where ctid = any (array(
       select ctid from %1$s where project_id = $1 and trace_id = any ($2) limit $3))', target)
  using project, trace_ids, at_most;
  get diagnostics deleted = row_count;
  return deleted;
end $function$;

COMMENT ON FUNCTION "agensight_private"."delete_trace_rows"(regclass, uuid, text[], integer) IS 'Deletes some rows of these traces from one table, so that no statement grows with a trace. Returns how many.';

REVOKE ALL ON FUNCTION "agensight_private"."delete_trace_rows"(regclass, uuid, text[], integer) FROM PUBLIC;
