CREATE OR REPLACE FUNCTION agensight.prompts (
  agensight .llm_calls
)
  RETURNS SETOF agensight.prompts
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select * from agensight.prompts p
  where p.project_id = $1.project_id and p.trace_id = $1.trace_id and p.span_id = $1.span_id
  order by p.message_index
$function$;

CREATE OR REPLACE FUNCTION agensight.prompts (
  agensight .spans
)
  RETURNS SETOF agensight.prompts
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select * from agensight.prompts p
  where p.project_id = $1.project_id and p.trace_id = $1.trace_id and p.span_id = $1.id
  order by p.message_index
$function$;

CREATE OR REPLACE FUNCTION agensight.prompts (
  agensight .traces
)
  RETURNS SETOF agensight.prompts
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select * from agensight.prompts p where p.project_id = $1.project_id and p.trace_id = $1.id
  order by p.span_id, p.message_index
$function$;

GRANT EXECUTE ON FUNCTION "agensight"."prompts"(agensight.llm_calls) TO "anon", "authenticated", "service_role";

GRANT EXECUTE ON FUNCTION "agensight"."prompts"(agensight.spans) TO "anon", "authenticated", "service_role";

GRANT EXECUTE ON FUNCTION "agensight"."prompts"(agensight.traces) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."prompts"(agensight.llm_calls) IS 'The messages that a call sent, in order.';

COMMENT ON FUNCTION "agensight"."prompts"(agensight.spans) IS 'The messages that an LLM span sent, in order.';

COMMENT ON FUNCTION "agensight"."prompts"(agensight.traces) IS 'The messages sent in a trace, call by call.';

REVOKE ALL ON FUNCTION "agensight"."prompts"(agensight.llm_calls) FROM PUBLIC;

REVOKE ALL ON FUNCTION "agensight"."prompts"(agensight.spans) FROM PUBLIC;

REVOKE ALL ON FUNCTION "agensight"."prompts"(agensight.traces) FROM PUBLIC;
