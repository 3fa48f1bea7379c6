CREATE OR REPLACE FUNCTION agensight_private.is_lone_run (
  id          text,
  span_id     text,
  run_span_id text
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  -- An id that a framework makes up for its run says nothing of the call, unless the call was requested with it.
  return run_span_id is not null
    and (
      id = run_span_id or (span_id is null and agensight_private.provider_response_id(id) is null)
    );
end $function$;

COMMENT ON FUNCTION "agensight_private"."is_lone_run"(text, text, text) IS 'Whether a row of tools is a run that does not know its call.';

REVOKE ALL ON FUNCTION "agensight_private"."is_lone_run"(text, text, text) FROM PUBLIC;
