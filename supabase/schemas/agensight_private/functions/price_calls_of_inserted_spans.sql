CREATE OR REPLACE FUNCTION agensight_private.price_calls_of_inserted_spans()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET enable_hashjoin TO 'off'
  SET enable_mergejoin TO 'off'
  AS $function$
declare
  -- Within a batch, the traces that existed before.
  known constant text[] := nullif(current_setting('agensight.known_traces', true), '');
  project uuid;
  traces text[];
  span_ids text[];
begin
  -- Only where the completion arrived before its span, and was priced without the time of the call.
  if known = '{}' or not exists (
      select from (
        select distinct n.project_id, n.trace_id from new_rows n
        where known is null or n.trace_id in (select k.id from unnest(known) k(id))
      ) t
      where (select true from agensight.completions c where c.project_id = t.project_id and c.trace_id = t.trace_id limit 1)) then
    return null;
  end if;
  for project, traces, span_ids in
    select n.project_id, array_agg(n.trace_id), array_agg(n.id) from new_rows n
    where (
      select true from agensight.completions c
      where c.project_id = n.project_id and c.trace_id = n.trace_id and c.span_id = n.id limit 1)
    group by n.project_id
  loop
    perform agensight_private.price_calls(project, traces, span_ids);
  end loop;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."price_calls_of_inserted_spans"() IS 'Prices the calls that were stored before their spans.';

REVOKE ALL ON FUNCTION "agensight_private"."price_calls_of_inserted_spans"() FROM PUBLIC;
