CREATE OR REPLACE FUNCTION agensight_private.find_tool_call (
  run agensight.tools
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select t.id from agensight.tools t
  where t.project_id = run.project_id and t.trace_id = run.trace_id and t.id <> run.id
    and (t.run_span_id = run.run_span_id
      or (t.run_span_id is null and t.name = run.name
        -- A function may take the model's object, or its values as positional arguments.
        and (t.arguments = run.arguments
          or (jsonb_typeof(t.arguments) = 'object' and jsonb_typeof(run.arguments) = 'array'
            and (select jsonb_agg(value order by value) from jsonb_each(t.arguments))
              = (select jsonb_agg(value order by value) from jsonb_array_elements(run.arguments))))))
  order by t.run_span_id is null, t.id
  limit 1
$function$;

COMMENT ON FUNCTION "agensight_private"."find_tool_call"(agensight.tools) IS 'The row of the model''s call that a tool ran for; null when none is known.';

REVOKE ALL ON FUNCTION "agensight_private"."find_tool_call"(agensight.tools) FROM PUBLIC;
