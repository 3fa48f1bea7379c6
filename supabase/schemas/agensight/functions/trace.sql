CREATE OR REPLACE FUNCTION agensight.trace (
  agensight .spans
)
  RETURNS SETOF agensight.traces
  LANGUAGE sql
  STABLE
  ROWS 1
  SET search_path TO ''
  AS $function$ select * from agensight.traces t where t.project_id = $1.project_id and t.id = $1.trace_id $function$;

CREATE OR REPLACE FUNCTION agensight.trace (
  agensight .errors
)
  RETURNS SETOF agensight.traces
  LANGUAGE sql
  STABLE
  ROWS 1
  SET search_path TO ''
  AS $function$ select * from agensight.traces t where t.project_id = $1.project_id and t.id = $1.trace_id $function$;

CREATE OR REPLACE FUNCTION agensight.trace (
  agensight .llm_calls
)
  RETURNS SETOF agensight.traces
  LANGUAGE sql
  STABLE
  ROWS 1
  SET search_path TO ''
  AS $function$ select * from agensight.traces t where t.project_id = $1.project_id and t.id = $1.trace_id $function$;

GRANT EXECUTE ON FUNCTION "agensight"."trace"(agensight.errors) TO "anon", "authenticated", "service_role";

GRANT EXECUTE ON FUNCTION "agensight"."trace"(agensight.llm_calls) TO "anon", "authenticated", "service_role";

GRANT EXECUTE ON FUNCTION "agensight"."trace"(agensight.spans) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."trace"(agensight.errors) IS 'The trace in which a span failed.';

COMMENT ON FUNCTION "agensight"."trace"(agensight.llm_calls) IS 'The trace of a call.';

COMMENT ON FUNCTION "agensight"."trace"(agensight.spans) IS 'The trace of a span.';

REVOKE ALL ON FUNCTION "agensight"."trace"(agensight.errors) FROM PUBLIC;

REVOKE ALL ON FUNCTION "agensight"."trace"(agensight.llm_calls) FROM PUBLIC;

REVOKE ALL ON FUNCTION "agensight"."trace"(agensight.spans) FROM PUBLIC;
