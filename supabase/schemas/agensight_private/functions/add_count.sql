CREATE OR REPLACE FUNCTION agensight_private.add_count (
  counts jsonb,
  what   text,
  n      bigint
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$ select counts || jsonb_build_object(what, coalesce((counts ->> what)::bigint, 0) + n) $function$;

COMMENT ON FUNCTION "agensight_private"."add_count"(jsonb, text, bigint) IS 'Counts by name, with n more of one of them.';

REVOKE ALL ON FUNCTION "agensight_private"."add_count"(jsonb, text, bigint) FROM PUBLIC;
