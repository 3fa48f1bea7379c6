CREATE OR REPLACE FUNCTION agensight_private.asking_span (
  id text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$ begin return substring(id from '^(.+):result:[0-9]+$'); end $function$;

COMMENT ON FUNCTION "agensight_private"."asking_span"(text) IS 'The span in whose request a result without the id of its call was; null for any other id of a row of tools.';

REVOKE ALL ON FUNCTION "agensight_private"."asking_span"(text) FROM PUBLIC;
