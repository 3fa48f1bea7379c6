CREATE OR REPLACE FUNCTION agensight_private.each_total (
  template  text,
  of_source text DEFAULT NULL::text
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select string_agg(format(template, t.name, t.contribution, t.source), E',\n          ' order by t.name collate "C")
  from agensight_private.totals_of(of_source) t
$function$;

COMMENT ON FUNCTION "agensight_private"."each_total"(text, text) IS 'A list for SQL with one entry for each of totals_of(): a template for format() with the name (1), what a row contributes (2) and the source (3).';

REVOKE ALL ON FUNCTION "agensight_private"."each_total"(text, text) FROM PUBLIC;
