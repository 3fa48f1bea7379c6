CREATE OR REPLACE FUNCTION agensight.schema_version()
  RETURNS integer
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select 1 $function$;

GRANT EXECUTE ON FUNCTION "agensight"."schema_version"() TO "service_role";

COMMENT ON FUNCTION "agensight"."schema_version"() IS 'Counts the migrations that change what ingest() takes or what the tables hold; the ingest function compares it with its own.';

REVOKE ALL ON FUNCTION "agensight"."schema_version"() FROM PUBLIC;
