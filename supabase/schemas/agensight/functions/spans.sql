CREATE OR REPLACE FUNCTION agensight.spans (
  agensight .traces
)
  RETURNS SETOF agensight.spans
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select * from agensight.spans s where s.project_id = $1.project_id and s.trace_id = $1.id order by s.started_at $function$;

CREATE OR REPLACE FUNCTION agensight.spans (
  agensight .trace_summary
)
  RETURNS SETOF agensight.spans
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select * from agensight.spans s where s.project_id = $1.project_id and s.trace_id = $1.id order by s.started_at $function$;

GRANT EXECUTE ON FUNCTION "agensight"."spans"(agensight.trace_summary) TO "anon", "authenticated", "service_role";

GRANT EXECUTE ON FUNCTION "agensight"."spans"(agensight.traces) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."spans"(agensight.trace_summary) IS 'The spans of a trace, the earliest first.';

COMMENT ON FUNCTION "agensight"."spans"(agensight.traces) IS 'The spans of a trace, the earliest first.';

REVOKE ALL ON FUNCTION "agensight"."spans"(agensight.trace_summary) FROM PUBLIC;

REVOKE ALL ON FUNCTION "agensight"."spans"(agensight.traces) FROM PUBLIC;
