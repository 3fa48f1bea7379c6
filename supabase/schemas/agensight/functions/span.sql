CREATE OR REPLACE FUNCTION agensight.span (
  agensight .completions
)
  RETURNS SETOF agensight.spans
  LANGUAGE sql
  STABLE
  ROWS 1
  SET search_path TO ''
  AS $function$
  select * from agensight.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.id = $1.span_id
$function$;

CREATE OR REPLACE FUNCTION agensight.span (
  agensight .tools
)
  RETURNS SETOF agensight.spans
  LANGUAGE sql
  STABLE
  ROWS 1
  SET search_path TO ''
  AS $function$
  select * from agensight.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.id = $1.span_id
$function$;

CREATE OR REPLACE FUNCTION agensight.span (
  agensight .prompts
)
  RETURNS SETOF agensight.spans
  LANGUAGE sql
  STABLE
  ROWS 1
  SET search_path TO ''
  AS $function$
  select * from agensight.spans s
  where s.project_id = $1.project_id and s.trace_id = $1.trace_id and s.id = $1.span_id
$function$;

GRANT EXECUTE ON FUNCTION "agensight"."span"(agensight.completions) TO "anon", "authenticated", "service_role";

GRANT EXECUTE ON FUNCTION "agensight"."span"(agensight.prompts) TO "anon", "authenticated", "service_role";

GRANT EXECUTE ON FUNCTION "agensight"."span"(agensight.tools) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."span"(agensight.completions) IS 'The LLM span that received an answer.';

COMMENT ON FUNCTION "agensight"."span"(agensight.prompts) IS 'The LLM span that sent a message.';

COMMENT ON FUNCTION "agensight"."span"(agensight.tools) IS 'The LLM span that requested a tool call.';

REVOKE ALL ON FUNCTION "agensight"."span"(agensight.completions) FROM PUBLIC;

REVOKE ALL ON FUNCTION "agensight"."span"(agensight.prompts) FROM PUBLIC;

REVOKE ALL ON FUNCTION "agensight"."span"(agensight.tools) FROM PUBLIC;
