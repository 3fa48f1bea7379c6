CREATE OR REPLACE FUNCTION agensight.audit_totals (
  p_project_id uuid DEFAULT NULL::uuid
)
  RETURNS TABLE (
    project_id uuid,
    kind       text,
    id         text,
    field      text,
    stored     text,
    counted    text
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  with counted as materialized (
    select p.id as project_id, r.trace_id, r.totals
    from agensight.projects p cross join lateral agensight_private.recount(p.id, null) r
    where p_project_id is null or p.id = p_project_id
  )
  select t.project_id, 'trace', t.id, d.field, d.stored_value, d.counted_value
  from counted c
  join agensight.traces t on t.project_id = c.project_id and t.id = c.trace_id
  cross join lateral agensight_private.differing_totals(to_jsonb(t), c.totals) d
  union all
  select t.project_id, 'trace', t.id, d.field, d.stored, d.counted
  from agensight.traces t
  join (
    select s.project_id, s.trace_id, min(s.started_at) as first, max(s.ended_at) as last
    from agensight.spans s where p_project_id is null or s.project_id = p_project_id group by s.project_id, s.trace_id
  ) s on s.project_id = t.project_id and s.trace_id = t.id
  cross join lateral (values
    ('started_at', t.started_at::text, s.first::text, coalesce(t.started_at <= s.first, s.first is null)),
    ('ended_at', t.ended_at::text, s.last::text, coalesce(t.ended_at >= s.last, s.last is null))
  ) as d(field, stored, counted, is_right)
  where not d.is_right
  union all
  select s.project_id, 'session', s.id, d.field, d.stored_value, d.counted_value
  from agensight.sessions s
  cross join lateral (
    select jsonb_object_agg(k.key, k.total) || jsonb_build_object('trace_count', max(k.traces)) as totals
    from (
      select e.key, sum(coalesce(e.value::numeric, 0)) as total, count(distinct c.trace_id) as traces
      from agensight.traces t
      join counted c on c.project_id = t.project_id and c.trace_id = t.id
      cross join lateral jsonb_each_text(c.totals) e
      where t.project_id = s.project_id and t.session_id = s.id
      group by e.key
    ) k
  ) c
  cross join lateral agensight_private.differing_totals(to_jsonb(s), coalesce(c.totals,
    (select jsonb_object_agg(t.name, 0) || '{"trace_count": 0}' from agensight_private.totals t))) d
  where p_project_id is null or s.project_id = p_project_id
  union all
  -- All calls that are marked, linked to another, or have the id of one.
  select f.project_id, 'completion', r.trace_id || '/' || r.span_id, 'repeat_of', c.repeat_of, r.repeat_of
  from (
    select x.project_id, array_agg(x.trace_id) as traces, array_agg(x.span_id) as members
    from (
      select l.project_id, l.trace_id, l.span_id from agensight_private.call_links l
      where l.relation is not null and (p_project_id is null or l.project_id = p_project_id)
      union
      select c.project_id, c.trace_id, c.span_id from agensight.completions c
      where c.repeat_of is not null and c.completion_index = 0 and (p_project_id is null or c.project_id = p_project_id)
      union
      select c.project_id, c.trace_id, min(c.span_id) from agensight.completions c
      where c.completion_index = 0 and agensight_private.own_response_id(c.response_id, c.own) is not null
        and (p_project_id is null or c.project_id = p_project_id)
      group by c.project_id, c.trace_id, agensight_private.own_response_id(c.response_id, c.own) having count(*) > 1
    ) x group by x.project_id
  ) f
  cross join lateral agensight_private.group_calls(f.project_id, f.traces, f.members) r
  join agensight.completions c on c.project_id = f.project_id and c.trace_id = r.trace_id and c.span_id = r.span_id and c.completion_index = 0
  where c.repeat_of is distinct from r.repeat_of
$function$;

GRANT EXECUTE ON FUNCTION "agensight"."audit_totals"(uuid) TO "service_role";

COMMENT ON FUNCTION "agensight"."audit_totals"(uuid) IS 'Recomputes all totals from the rows, of one project or of all, and returns the differences: none when all are right. kind is trace, session or completion (then id is trace/span, and the difference a mark of repetition). Reads all rows, at one moment. For the service role.';

REVOKE ALL ON FUNCTION "agensight"."audit_totals"(uuid) FROM PUBLIC;
