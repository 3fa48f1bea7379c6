CREATE OR REPLACE FUNCTION agensight_private.is_provider_run (
  project uuid,
  part    agensight_private.tool_parts
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
begin
  -- Of a call, the first ancestor is the span that requested it. There, it has a type of the provider's own.
  return coalesce((
    select true from agensight.completions c
    where c.project_id = project and c.trace_id = part.trace_id and c.span_id = part.ancestors[1]
      and c.parts @> jsonb_build_array(jsonb_build_object('id', part.id))
      and not c.parts @> jsonb_build_array(jsonb_build_object('id', part.id, 'type', 'tool_call'))
    limit 1), false);
end $function$;

COMMENT ON FUNCTION "agensight_private"."is_provider_run"(uuid, agensight_private.tool_parts) IS 'Whether the provider ran this call itself, so that no run of the program is for it.';

REVOKE ALL ON FUNCTION "agensight_private"."is_provider_run"(uuid, agensight_private.tool_parts) FROM PUBLIC;
