CREATE OR REPLACE FUNCTION agensight_private.mark_changed_spans()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  project uuid;
  traces text[];
  span_ids text[];
  parents text[];
begin
  if not exists (select from new_rows) then return null; end if;
  for project, traces, span_ids, parents in
    with changed as materialized (
      (select project_id, trace_id, id, parent_id, kind, started_at, ended_at, attributes from new_rows
       except
       select project_id, trace_id, id, parent_id, kind, started_at, ended_at, attributes from old_rows)
      union all
      (select project_id, trace_id, id, parent_id, kind, started_at, ended_at, attributes from old_rows
       except
       select project_id, trace_id, id, parent_id, kind, started_at, ended_at, attributes from new_rows)
    )
    select c.project_id, array_agg(c.trace_id), array_agg(c.id), array_agg(c.parent_id)
    from changed c
    where (
      select true from agensight.completions k
      where k.project_id = c.project_id and k.trace_id = c.trace_id and k.span_id = c.id limit 1)
    group by c.project_id
  loop
    -- The marks may change at the old place of a span and at its new one.
    perform agensight_private.mark_repeats(project, traces || traces, span_ids || parents);
    perform agensight_private.price_calls(project, traces, span_ids);
  end loop;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."mark_changed_spans"() IS 'Marks and prices the calls whose spans a statement moved, or changed in their times, kind or attributes.';

REVOKE ALL ON FUNCTION "agensight_private"."mark_changed_spans"() FROM PUBLIC;
