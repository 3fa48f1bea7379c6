CREATE OR REPLACE FUNCTION agensight_private.trace_tables()
  RETURNS SETOF regclass
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select c.oid::regclass from pg_catalog.pg_class c
  where c.relnamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace) and c.relkind = 'r'
    and 2 = (select count(*) from pg_catalog.pg_attribute a
             where a.attrelid = c.oid and a.attname in ('project_id', 'trace_id') and not a.attisdropped)
  order by c.oid in ('agensight.completions'::regclass, 'agensight.spans'::regclass), c.oid
$function$;

COMMENT ON FUNCTION "agensight_private"."trace_tables"() IS 'The tables that hold parts of traces, by their columns project_id and trace_id; those whose deletes touch the totals of the trace come last.';

REVOKE ALL ON FUNCTION "agensight_private"."trace_tables"() FROM PUBLIC;
