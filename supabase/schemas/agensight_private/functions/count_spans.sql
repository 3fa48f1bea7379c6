CREATE OR REPLACE FUNCTION agensight_private.count_spans()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    perform agensight_private.change_trace_totals((
      select array_agg(agensight_private.make_change(
        c.project_id, c.trace_id, started_at => c.first, ended_at => c.last, span_count => c.spans, error_count => c.errors))
      from (
        select project_id, trace_id, min(started_at) as first, max(ended_at) as last, count(*) as spans,
          count(*) filter (where status = 'error') as errors
        from new_rows group by project_id, trace_id
      ) c));
  elsif tg_op = 'UPDATE' then
    perform agensight_private.change_trace_totals((
      select array_agg(agensight_private.make_change(
        c.project_id, c.trace_id, started_at => c.first, ended_at => c.last, error_count => c.errors))
      from (
        select project_id, trace_id, min(started_at) as first, max(ended_at) as last, coalesce(sum(errors), 0) as errors
        from (
          select project_id, trace_id, started_at, ended_at, (status = 'error')::integer as errors from new_rows
          union all
          select project_id, trace_id, null, null, -(status = 'error')::integer from old_rows
        ) change group by project_id, trace_id
      ) c));
  else
    -- A trace that was deleted first is not made again.
    update agensight.traces t
    set span_count = t.span_count - d.spans, error_count = t.error_count - d.errors
    from (
      select project_id, trace_id, count(*) as spans, count(*) filter (where status = 'error') as errors
      from old_rows group by project_id, trace_id
    ) d
    where t.project_id = d.project_id and t.id = d.trace_id;
  end if;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."count_spans"() IS 'Keeps span_count, error_count, the earliest start and the latest end of the traces whose spans a statement touched.';

REVOKE ALL ON FUNCTION "agensight_private"."count_spans"() FROM PUBLIC;
