CREATE OR REPLACE FUNCTION agensight.completions (
  agensight .spans
)
  RETURNS SETOF agensight.completions
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select * from agensight.completions c
  where c.project_id = $1.project_id and c.trace_id = $1.trace_id and c.span_id = $1.id
  order by c.completion_index
$function$;

CREATE OR REPLACE FUNCTION agensight.completions (
  agensight .traces
)
  RETURNS SETOF agensight.completions
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select * from agensight.completions c where c.project_id = $1.project_id and c.trace_id = $1.id
  order by c.span_id, c.completion_index
$function$;

GRANT EXECUTE ON FUNCTION "agensight"."completions"(agensight.spans) TO "anon", "authenticated", "service_role";

GRANT EXECUTE ON FUNCTION "agensight"."completions"(agensight.traces) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."completions"(agensight.spans) IS 'The answers that an LLM span received, in order.';

COMMENT ON FUNCTION "agensight"."completions"(agensight.traces) IS 'The answers received in a trace, call by call.';

REVOKE ALL ON FUNCTION "agensight"."completions"(agensight.spans) FROM PUBLIC;

REVOKE ALL ON FUNCTION "agensight"."completions"(agensight.traces) FROM PUBLIC;
