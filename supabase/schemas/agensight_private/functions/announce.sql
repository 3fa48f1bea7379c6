CREATE OR REPLACE FUNCTION agensight_private.announce (
  project uuid,
  traces  jsonb,
  more    integer
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform realtime.send(jsonb_build_object('traces', traces, 'more', more), 'traces', 'project:' || project, true);
exception when others then
  -- A listener misses an announcement; the rows must not be lost for that.
  raise warning 'A trace was not announced: %', sqlerrm;
end $function$;

COMMENT ON FUNCTION "agensight_private"."announce"(uuid, jsonb, integer) IS 'Sends one announcement to the members of a project. Never fails.';

REVOKE ALL ON FUNCTION "agensight_private"."announce"(uuid, jsonb, integer) FROM PUBLIC;
