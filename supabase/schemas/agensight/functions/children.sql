CREATE OR REPLACE FUNCTION agensight.children (
  agensight .spans
)
  RETURNS SETOF agensight.spans
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select * from agensight.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.parent_id = $1.id
  order by s.started_at
$function$;

GRANT EXECUTE ON FUNCTION "agensight"."children"(agensight.spans) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."children"(agensight.spans) IS 'The spans directly below a span, the earliest first.';

REVOKE ALL ON FUNCTION "agensight"."children"(agensight.spans) FROM PUBLIC;
