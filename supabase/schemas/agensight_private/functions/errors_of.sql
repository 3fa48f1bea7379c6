CREATE OR REPLACE FUNCTION agensight_private.errors_of (
  t agensight.traces
)
  RETURNS SETOF text
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select left(concat_ws(' ', e.error ->> 'type', e.error ->> 'message'), 2000) from (
    select t.error where t.status = 'error'
    union all
    select s.error from agensight.spans s
    where t.error_count > 0 and s.project_id = t.project_id and s.trace_id = t.id and s.status = 'error'
    union all
    select o.error from agensight.tools o
    where o.project_id = t.project_id and o.trace_id = t.id and o.status = 'error'
  ) e
$function$;

COMMENT ON FUNCTION "agensight_private"."errors_of"(agensight.traces) IS 'Type and message of each error of a trace: its own, those of its spans and of its tools.';

REVOKE ALL ON FUNCTION "agensight_private"."errors_of"(agensight.traces) FROM PUBLIC;
