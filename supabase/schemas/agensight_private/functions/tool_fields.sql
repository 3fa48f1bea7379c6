CREATE OR REPLACE FUNCTION agensight_private.tool_fields (
  record jsonb
)
  RETURNS jsonb
  LANGUAGE sql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$ select record - '{project_id}'::text[] $function$;

COMMENT ON FUNCTION "agensight_private"."tool_fields"(jsonb) IS 'A row of tools as a record.';

REVOKE ALL ON FUNCTION "agensight_private"."tool_fields"(jsonb) FROM PUBLIC;
