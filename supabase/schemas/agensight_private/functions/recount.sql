CREATE OR REPLACE FUNCTION agensight_private.recount (
  project uuid,
  traces  text[]
)
  RETURNS TABLE (
    trace_id text,
    totals   jsonb
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return query execute format(
    'select t.id, jsonb_build_object(%s) from agensight.traces t %s where t.project_id = $1 and ($2 is null or t.id = any ($2))',
    agensight_private.each_total('%1$L, trim_scale(%3$I.%1$I)'),
    (select string_agg(format(
       'cross join lateral (select %2$s from agensight.%1$I r where r.project_id = $1 and r.trace_id = t.id) %1$I',
       s.source, agensight_private.each_total('coalesce(sum(%2$s), 0)::numeric as %1$I', s.source)), ' ')
     from (select distinct source from agensight_private.totals) s))
  using project, traces;
end $function$;

COMMENT ON FUNCTION "agensight_private"."recount"(uuid, text[]) IS 'The totals of traces, counted from the rows that they are made of, by agensight_private.totals; of all traces of the project for null.';

REVOKE ALL ON FUNCTION "agensight_private"."recount"(uuid, text[]) FROM PUBLIC;
