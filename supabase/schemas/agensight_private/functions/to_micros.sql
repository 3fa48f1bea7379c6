CREATE OR REPLACE FUNCTION agensight_private.to_micros (
  at text
)
  RETURNS bigint
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$ select (extract(epoch from at::timestamptz) * 1000000)::bigint $function$;

COMMENT ON FUNCTION "agensight_private"."to_micros"(text) IS 'A timestamp as microseconds since 1970.';

REVOKE ALL ON FUNCTION "agensight_private"."to_micros"(text) FROM PUBLIC;
