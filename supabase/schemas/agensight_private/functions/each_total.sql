CREATE OR REPLACE FUNCTION agensight_private.each_total (
  template  text,
  of_source text DEFAULT NULL::text
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select string_agg(format(template, t.name, t.contribution, t.source), ', ' order by t.name collate "C")
  from (
    select name, case when condition is null then contribution else format('case when %s then %s end', condition, contribution) end as contribution, source
    from agensight_private.totals where of_source is null or source = of_source
    union all
    select name, format('%I', name), 'traces' from agensight_private.totals where of_source = 'traces'
    union all
    select 'trace_count', '1', 'traces' where of_source = 'traces'
  ) t
$function$;

COMMENT ON FUNCTION "agensight_private"."each_total"(text, text) IS 'A list for SQL, with one entry per total: a template for format() with its name (1), what a row contributes (2) and the source (3). Of all totals of a trace, or of those from one source; those from traces are the totals of a session.';

REVOKE ALL ON FUNCTION "agensight_private"."each_total"(text, text) FROM PUBLIC;
