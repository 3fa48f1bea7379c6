CREATE OR REPLACE FUNCTION agensight.parent (
  agensight .spans
)
  RETURNS SETOF agensight.spans
  LANGUAGE sql
  STABLE
  ROWS 1
  SET search_path TO ''
  AS $function$
  select * from agensight.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.id = $1.parent_id
$function$;

GRANT EXECUTE ON FUNCTION "agensight"."parent"(agensight.spans) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."parent"(agensight.spans) IS 'The enclosing span; nothing at the root, or while it has not arrived.';

REVOKE ALL ON FUNCTION "agensight"."parent"(agensight.spans) FROM PUBLIC;
