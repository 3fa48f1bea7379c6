CREATE OR REPLACE FUNCTION agensight_private.price_calls_of_changed_spans()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  project uuid;
  traces text[];
  span_ids text[];
begin
  if not exists (select from new_rows) then return null; end if;
  for project, traces, span_ids in
    select c.project_id, array_agg(c.trace_id), array_agg(c.id)
    from (
      select project_id, trace_id, id, started_at, attributes from new_rows
      except
      select project_id, trace_id, id, started_at, attributes from old_rows
    ) c
    where (
      select true from agensight.completions k
      where k.project_id = c.project_id and k.trace_id = c.trace_id and k.span_id = c.id limit 1)
    group by c.project_id
  loop
    perform agensight_private.price_calls(project, traces, span_ids);
  end loop;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."price_calls_of_changed_spans"() IS 'Prices the calls of whose spans a statement changed the start or the attributes.';

REVOKE ALL ON FUNCTION "agensight_private"."price_calls_of_changed_spans"() FROM PUBLIC;
