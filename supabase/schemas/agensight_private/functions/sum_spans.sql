CREATE OR REPLACE FUNCTION agensight_private.sum_spans()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
    begin
      if tg_op = 'INSERT' then
        perform agensight_private.change_trace_totals((select array_agg(row(c.project_id, c.id, c.started_at, c.ended_at, null, null, null, null, c.error_count, null, null, null, c.span_count, null, null)::agensight_private.change) from (
          select project_id, id, min(started_at) as started_at, max(ended_at) as ended_at, coalesce(sum(error_count), 0) as error_count,
          coalesce(sum(span_count), 0) as span_count from (
          select project_id, trace_id as id, started_at, ended_at, case when status = 'error' then 1 end as error_count,
          1 as span_count from new_rows where trace_id is not null
          ) r group by project_id, id) c));
      elsif tg_op = 'UPDATE' then
        perform agensight_private.change_trace_totals((select array_agg(row(c.project_id, c.id, c.started_at, c.ended_at, null, null, null, null, c.error_count, null, null, null, c.span_count, null, null)::agensight_private.change) from (
          select project_id, id, min(started_at) as started_at, max(ended_at) as ended_at, coalesce(sum(error_count), 0) as error_count,
          coalesce(sum(span_count), 0) as span_count from (
          select project_id, trace_id as id, started_at, ended_at, case when status = 'error' then 1 end as error_count,
          1 as span_count from new_rows where trace_id is not null
          union all
          select project_id, trace_id as id, null::timestamptz as started_at, null::timestamptz as ended_at, -(case when status = 'error' then 1 end) as error_count,
          -(1) as span_count from old_rows where trace_id is not null
          ) r group by project_id, id
          having true) c));
      else
        update agensight.traces t
        set error_count = t.error_count + d.error_count,
          span_count = t.span_count + d.span_count
        from (
          select project_id, id, min(started_at) as started_at, max(ended_at) as ended_at, coalesce(sum(error_count), 0) as error_count,
          coalesce(sum(span_count), 0) as span_count from (
          select project_id, trace_id as id, null::timestamptz as started_at, null::timestamptz as ended_at, -(case when status = 'error' then 1 end) as error_count,
          -(1) as span_count from old_rows where trace_id is not null
          ) r group by project_id, id) d
        where t.project_id = d.project_id and t.id = d.id;
      end if;
      return null;
    end $function$;

COMMENT ON FUNCTION "agensight_private"."sum_spans"() IS 'Keeps the totals of the traces whose spans a statement touched. Made by agensight_private.build_totals().';

REVOKE ALL ON FUNCTION "agensight_private"."sum_spans"() FROM PUBLIC;
