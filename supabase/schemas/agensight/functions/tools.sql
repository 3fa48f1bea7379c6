CREATE OR REPLACE FUNCTION agensight.tools (
  agensight .spans
)
  RETURNS SETOF agensight.tools
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select * from agensight.tools t
  where t.project_id = $1.project_id and t.trace_id = $1.trace_id and $1.id in (t.span_id, t.run_span_id)
  order by t.id
$function$;

CREATE OR REPLACE FUNCTION agensight.tools (
  agensight .traces
)
  RETURNS SETOF agensight.tools
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select * from agensight.tools t where t.project_id = $1.project_id and t.trace_id = $1.id order by t.started_at, t.id $function$;

CREATE OR REPLACE FUNCTION agensight.tools (
  agensight .llm_calls
)
  RETURNS SETOF agensight.tools
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select * from agensight.tools t
  where t.project_id = $1.project_id and t.trace_id = $1.trace_id and t.span_id = $1.span_id
  order by t.id
$function$;

GRANT EXECUTE ON FUNCTION "agensight"."tools"(agensight.llm_calls) TO "anon", "authenticated", "service_role";

GRANT EXECUTE ON FUNCTION "agensight"."tools"(agensight.spans) TO "anon", "authenticated", "service_role";

GRANT EXECUTE ON FUNCTION "agensight"."tools"(agensight.traces) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."tools"(agensight.llm_calls) IS 'The tool calls that a call requested.';

COMMENT ON FUNCTION "agensight"."tools"(agensight.spans) IS 'The tool calls that an LLM span requested, or that a tool''s own span ran.';

COMMENT ON FUNCTION "agensight"."tools"(agensight.traces) IS 'The tool calls of a trace, the earliest first.';

REVOKE ALL ON FUNCTION "agensight"."tools"(agensight.llm_calls) FROM PUBLIC;

REVOKE ALL ON FUNCTION "agensight"."tools"(agensight.spans) FROM PUBLIC;

REVOKE ALL ON FUNCTION "agensight"."tools"(agensight.traces) FROM PUBLIC;
