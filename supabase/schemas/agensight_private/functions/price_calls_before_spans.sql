CREATE OR REPLACE FUNCTION agensight_private.price_calls_before_spans (
  project  uuid,
  traces   text[],
  span_ids text[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET enable_hashjoin TO 'off'
  SET enable_mergejoin TO 'off'
  AS $function$
declare
  found_traces text[];
  found_spans text[];
begin
  select array_agg(k.trace_id), array_agg(k.span_id) into found_traces, found_spans
  from unnest(traces, span_ids) k(trace_id, span_id)
  where (
    select true from agensight.completions c
    where c.project_id = project and c.trace_id = k.trace_id and c.span_id = k.span_id
    limit 1);
  if found_traces is not null then
    perform agensight_private.price_calls(project, found_traces, found_spans);
  end if;
end $function$;

COMMENT ON FUNCTION "agensight_private"."price_calls_before_spans"(uuid, text[], text[]) IS 'Prices the calls of these new spans (two lists of equal length: traces and spans) that were stored before, without the time of the call.';

REVOKE ALL ON FUNCTION "agensight_private"."price_calls_before_spans"(uuid, text[], text[]) FROM PUBLIC;
