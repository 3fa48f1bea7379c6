CREATE OR REPLACE FUNCTION agensight.traces (
  agensight .sessions
)
  RETURNS SETOF agensight.traces
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select * from agensight.traces t where t.project_id = $1.project_id and t.session_id = $1.id order by t.started_at $function$;

CREATE OR REPLACE FUNCTION agensight.traces (
  agensight .session_summary
)
  RETURNS SETOF agensight.traces
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select * from agensight.traces t where t.project_id = $1.project_id and t.session_id = $1.id order by t.started_at $function$;

GRANT EXECUTE ON FUNCTION "agensight"."traces"(agensight.session_summary) TO "anon", "authenticated", "service_role";

GRANT EXECUTE ON FUNCTION "agensight"."traces"(agensight.sessions) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."traces"(agensight.session_summary) IS 'The traces of a session, the earliest first.';

COMMENT ON FUNCTION "agensight"."traces"(agensight.sessions) IS 'The traces of a session, the earliest first.';

REVOKE ALL ON FUNCTION "agensight"."traces"(agensight.session_summary) FROM PUBLIC;

REVOKE ALL ON FUNCTION "agensight"."traces"(agensight.sessions) FROM PUBLIC;
