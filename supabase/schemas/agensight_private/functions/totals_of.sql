CREATE OR REPLACE FUNCTION agensight_private.totals_of (
  of_source text
)
  RETURNS TABLE (
    name         text,
    contribution text,
    source       text
  )
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select t.name, case when t.condition is null then t.contribution else format('case when %s then %s end', t.condition, t.contribution) end, t.source
  from agensight_private.totals t where of_source is null or t.source = of_source
  union all
  select t.name, format('%I', t.name), of_source from agensight_private.totals t where of_source = 'traces'
  union all
  select 'trace_count', '1', of_source where of_source = 'traces'
$function$;

COMMENT ON FUNCTION "agensight_private"."totals_of"(text) IS 'The totals that rows of a table contribute to, with what a row contributes: all totals of a trace for null, those of a session for traces.';

REVOKE ALL ON FUNCTION "agensight_private"."totals_of"(text) FROM PUBLIC;
