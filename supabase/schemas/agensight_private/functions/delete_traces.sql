CREATE OR REPLACE FUNCTION agensight_private.delete_traces (
  project   uuid,
  trace_ids text[],
  deadline  timestamp with time zone,
  INOUT     counts jsonb,
  OUT       finished boolean
)
  RETURNS record
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  at_once constant integer := 2000;
  target regclass;
  has_totals boolean;
  remains boolean;
  deleted integer;
begin
  finished := false;
  -- The trace stays while there is more than one statement should delete, so that a call that runs
  -- out of time leaves it to be found again, with correct totals.
  for target in select agensight_private.trace_tables() loop
    has_totals := target in ('agensight.completions'::regclass, 'agensight.spans'::regclass);
    loop
      if has_totals then
        execute format('select count(*) > $3 from (
          select from %s where project_id = $1 and trace_id = any ($2) limit $3 + 1) r', target)
        into remains using project, trace_ids, at_once;
        exit when not remains;
      end if;
      deleted := agensight_private.delete_trace_rows(target, project, trace_ids, at_once);
      exit when deleted = 0;
      counts := agensight_private.add_count(counts, (parse_ident(target::text))[array_length(parse_ident(target::text), 1)], deleted);
      if clock_timestamp() > deadline then return; end if;
    end loop;
  end loop;
  -- The trace is deleted before the rest of its parts: their triggers then find no totals to keep.
  delete from agensight.traces where project_id = project and id = any (trace_ids);
  get diagnostics deleted = row_count;
  counts := agensight_private.add_count(counts, 'traces', deleted);
  counts := agensight_private.add_count(counts, 'completions', agensight_private.delete_trace_rows('agensight.completions', project, trace_ids, at_once));
  counts := agensight_private.add_count(counts, 'spans', agensight_private.delete_trace_rows('agensight.spans', project, trace_ids, at_once));
  finished := true;
end $function$;

COMMENT ON FUNCTION "agensight_private"."delete_traces"(uuid, text[], timestamp with time zone, jsonb) IS 'Deletes traces with all their parts, or as much as the deadline allows. Their rows must be locked by the caller.';

REVOKE ALL ON FUNCTION "agensight_private"."delete_traces"(uuid, text[], timestamp WITH time zone, jsonb) FROM PUBLIC;
