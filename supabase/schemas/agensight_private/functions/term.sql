CREATE OR REPLACE FUNCTION agensight_private.term (
  project uuid,
  kind    text,
  value   text
)
  RETURNS integer
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select (hashtextextended(value, hashtextextended(kind, hashtextextended(project::text, 0))) >> 32)::integer $function$;

COMMENT ON FUNCTION "agensight_private"."term"(uuid, text, text) IS 'One search term, as a number. This hash is the same in all versions of Postgres.';

REVOKE ALL ON FUNCTION "agensight_private"."term"(uuid, text, text) FROM PUBLIC;
