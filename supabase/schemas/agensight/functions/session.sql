CREATE OR REPLACE FUNCTION agensight.session (
  agensight .traces
)
  RETURNS SETOF agensight.sessions
  LANGUAGE sql
  STABLE
  ROWS 1
  SET search_path TO ''
  AS $function$ select * from agensight.sessions s where s.project_id = $1.project_id and s.id = $1.session_id $function$;

CREATE OR REPLACE FUNCTION agensight.session (
  agensight .trace_summary
)
  RETURNS SETOF agensight.sessions
  LANGUAGE sql
  STABLE
  ROWS 1
  SET search_path TO ''
  AS $function$ select * from agensight.sessions s where s.project_id = $1.project_id and s.id = $1.session_id $function$;

GRANT EXECUTE ON FUNCTION "agensight"."session"(agensight.trace_summary) TO "anon", "authenticated", "service_role";

GRANT EXECUTE ON FUNCTION "agensight"."session"(agensight.traces) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."session"(agensight.trace_summary) IS 'The session of a trace.';

COMMENT ON FUNCTION "agensight"."session"(agensight.traces) IS 'The session of a trace.';

REVOKE ALL ON FUNCTION "agensight"."session"(agensight.trace_summary) FROM PUBLIC;

REVOKE ALL ON FUNCTION "agensight"."session"(agensight.traces) FROM PUBLIC;
