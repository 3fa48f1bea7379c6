CREATE OR REPLACE FUNCTION agensight.search_traces (
  p_project_id      uuid,
  p_text            text                     DEFAULT NULL::text,
  p_user_id         text                     DEFAULT NULL::text,
  p_session_id      text                     DEFAULT NULL::text,
  p_tag             text                     DEFAULT NULL::text,
  p_metadata        jsonb                    DEFAULT NULL::jsonb,
  p_model           text                     DEFAULT NULL::text,
  p_tool            text                     DEFAULT NULL::text,
  p_error           text                     DEFAULT NULL::text,
  p_min_duration_ms double precision         DEFAULT NULL::double precision,
  p_min_cost        numeric                  DEFAULT NULL::numeric,
  p_since           timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_until           timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_limit           integer                  DEFAULT 50,
  p_before          text                     DEFAULT NULL::text
)
  RETURNS SETOF agensight.traces
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select t.* from agensight_private.find_traces(
    p_project_id, p_text, p_user_id, p_session_id, p_tag, p_metadata, p_model, p_tool, p_error, p_min_duration_ms,
    p_min_cost, p_since, p_until, p_limit, p_before) f
  join agensight.traces t on t.project_id = p_project_id and t.id = f.trace_id
  order by f.started_at desc, f.trace_id desc
$function$;

GRANT EXECUTE
  ON FUNCTION "agensight"."search_traces"(uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamp WITH time zone, timestamp
    WITH time zone, integer, text)
  TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."search_traces"(uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamp with time zone, timestamp
  with time zone, integer, text) IS 'The traces of a project that meet all conditions given, the latest first. p_text: words in its prompts and completions, in any order and case, "in quotes" next to each other; p_user_id, p_session_id, p_tag, p_model, p_tool: exactly; p_metadata: contained in that of the trace or its session; p_error: words of an error, or '''' for any error; p_min_duration_ms in milliseconds; p_min_cost in USD; p_since and p_until bound the start; p_limit from 1 to 1000; p_before: the id of the last trace of the page before. Raises PT400.';

REVOKE ALL
  ON FUNCTION "agensight"."search_traces"(uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamp WITH time zone, timestamp
    WITH time zone, integer, text)
  FROM PUBLIC;
