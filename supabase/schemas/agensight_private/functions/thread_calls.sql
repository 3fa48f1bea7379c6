CREATE OR REPLACE FUNCTION agensight_private.thread_calls (
  project uuid,
  session text,
  at_most integer
)
  RETURNS TABLE (
    trace_id   text,
    span_id    text,
    agent      text,
    started_at timestamp with time zone,
    ended_at   timestamp with time zone
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select c.trace_id, c.span_id, c.agent, c.started_at, c.ended_at from (
    select t.id as trace_id, k.span_id, coalesce(p.name, t.name) as agent,
           coalesce(s.started_at, t.started_at) as started_at, coalesce(s.ended_at, s.started_at, t.ended_at) as ended_at
    from agensight.traces t
    cross join lateral (
      select l.span_id from agensight.message_lists l where l.project_id = t.project_id and l.trace_id = t.id
      union
      select c.span_id from agensight.completions c where c.project_id = t.project_id and c.trace_id = t.id
    ) k
    left join agensight.spans s on s.project_id = t.project_id and s.trace_id = t.id and s.id = k.span_id
    left join agensight.spans p on p.project_id = t.project_id and p.trace_id = t.id and p.id = s.parent_id
    where t.project_id = project and t.session_id = session
      and not exists (
        select from agensight.completions r
        where r.project_id = t.project_id and r.trace_id = t.id and r.span_id = k.span_id and r.repeat_of is not null)
    order by 4 desc nulls last, 1 desc, 2 desc
    limit at_most
  ) c
  order by c.started_at nulls first, c.trace_id, c.span_id
$function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."thread_calls"(uuid, text, integer) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."thread_calls"(uuid, text, integer) IS 'The latest calls of a session, each once, in the order of their starts.';

REVOKE ALL ON FUNCTION "agensight_private"."thread_calls"(uuid, text, integer) FROM PUBLIC;
