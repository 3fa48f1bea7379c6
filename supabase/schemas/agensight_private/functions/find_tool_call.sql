CREATE OR REPLACE FUNCTION agensight_private.find_tool_call (
  run agensight.tools
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select t.id
  from agensight.tools t
  cross join lateral (select agensight_private.rank_tool_arguments(t.arguments, run.arguments) as rank) a
  where t.project_id = run.project_id and t.trace_id = run.trace_id and t.id <> run.id
    and (t.run_span_id = run.run_span_id
      or (a.rank is not null and t.name = run.name and (
        t.run_span_id is null
        -- Or a framework has a span of its own for the tool, directly above that of the function.
        or exists (
          select from agensight.spans s
          where s.project_id = run.project_id and s.trace_id = run.trace_id
            and (s.id, s.parent_id) in ((run.run_span_id, t.run_span_id), (t.run_span_id, run.run_span_id))))))
  order by t.run_span_id is distinct from run.run_span_id, t.run_span_id is null, a.rank, t.id
  limit 1
$function$;

COMMENT ON FUNCTION "agensight_private"."find_tool_call"(agensight.tools) IS 'The row of the model''s call that a tool ran for; null when none is known.';

REVOKE ALL ON FUNCTION "agensight_private"."find_tool_call"(agensight.tools) FROM PUBLIC;
