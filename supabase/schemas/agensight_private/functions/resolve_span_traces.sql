CREATE OR REPLACE FUNCTION agensight_private.resolve_span_traces (
  project uuid,
  batch   jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_object_agg(w.trace_id, found.trace_id), '{}')
  from (
    select trace_id from jsonb_to_recordset(batch -> 'prompts') as r(trace_id text)
    union
    select trace_id from jsonb_to_recordset(batch -> 'completions') as r(trace_id text)
    union
    select trace_id from jsonb_to_recordset(batch -> 'tools') as r(trace_id text)
  ) w
  cross join lateral (
    select s.trace_id from agensight.spans s
    where s.project_id = project and s.id = substr(w.trace_id, 6) and length(s.id) = 36
    order by s.trace_id limit 1
  ) found
  where w.trace_id like 'span:%'
$function$;

COMMENT ON FUNCTION "agensight_private"."resolve_span_traces"(uuid, jsonb) IS 'Of the pending traces that the records of a batch name, those whose span is known, each with its trace.';

REVOKE ALL ON FUNCTION "agensight_private"."resolve_span_traces"(uuid, jsonb) FROM PUBLIC;
