CREATE OR REPLACE FUNCTION agensight.summary (
  agensight .traces
)
  RETURNS SETOF agensight.trace_summary
  LANGUAGE sql
  STABLE
  ROWS 1
  SET search_path TO ''
  AS $function$ select * from agensight.trace_summary v where v.project_id = $1.project_id and v.id = $1.id $function$;

GRANT EXECUTE ON FUNCTION "agensight"."summary"(agensight.traces) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."summary"(agensight.traces) IS 'The summary of a trace.';

REVOKE ALL ON FUNCTION "agensight"."summary"(agensight.traces) FROM PUBLIC;
