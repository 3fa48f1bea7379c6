CREATE OR REPLACE FUNCTION agensight_private.place_key (
  trace_id text,
  value    text
)
  RETURNS bigint
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$ begin return hashtextextended(value, hashtextextended(trace_id, 0)); end $function$;

COMMENT ON FUNCTION "agensight_private"."place_key"(text, text) IS 'A key of eight bytes for a value within a trace. A plan that is made while the tables are small cannot do without an index on it, as it could on one that begins with the trace.';

REVOKE ALL ON FUNCTION "agensight_private"."place_key"(text, text) FROM PUBLIC;
