CREATE OR REPLACE FUNCTION agensight_private.twin_of (
  project uuid,
  part    agensight_private.tool_parts
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
begin
  -- Not where another call has this id, too, with other arguments.
  return (
    select t.id
    from agensight_private.tool_parts t
    where t.project_id = project
      and t.trace_id = part.trace_id
      and t.id = part.twin_of
      and t.values_key = part.values_key);
end $function$;

COMMENT ON FUNCTION "agensight_private"."twin_of"(uuid, agensight_private.tool_parts) IS 'The row of the call that another span reported under another id, with the same name and arguments; null for none.';

REVOKE ALL ON FUNCTION "agensight_private"."twin_of"(uuid, agensight_private.tool_parts) FROM PUBLIC;
