CREATE OR REPLACE FUNCTION agensight_private.calls_of_response (
  project  uuid,
  trace    text,
  response text
)
  RETURNS TABLE (
    span_id text
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  -- Nothing reports one call so often: such an id is a constant, as of a test double.
  most constant integer := 20;
  found text[];
begin
  found := array(
    select c.span_id from agensight.completions c
    where agensight_private.place_key(
      c.trace_id, agensight_private.own_response_id(c.response_id, c.own)
    ) = agensight_private.place_key(trace, response)
      and c.completion_index = 0 and c.response_id is not null
      and (c.project_id, c.trace_id, agensight_private.own_response_id(c.response_id, c.own))
        is not distinct from (project, trace, response)
    limit most + 1);
  if cardinality(found) <= most then
    return query select unnest(found);
  end if;
end $function$;

COMMENT ON FUNCTION "agensight_private"."calls_of_response"(uuid, text, text) IS 'The calls of a trace with this response id; none where it is on so many that it identifies nothing.';

REVOKE ALL ON FUNCTION "agensight_private"."calls_of_response"(uuid, text, text) FROM PUBLIC;
