CREATE OR REPLACE FUNCTION agensight_private.find_home (
  project uuid,
  part    agensight_private.tool_parts,
  OUT     home text,
  OUT     is_free boolean
)
  RETURNS record
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  call text;
  twin text;
begin
  select f.home, f.is_free
  into call, is_free
  from agensight_private.find_call(project, part) f;
  select agensight_private.twin_of(project, p)
  into twin
  from agensight_private.tool_parts p
  where p.project_id = project and p.trace_id = part.trace_id and p.id = call and p.twin_of is not null;
  home := coalesce(twin, call);
end $function$;

COMMENT ON FUNCTION "agensight_private"."find_home"(uuid, agensight_private.tool_parts) IS 'The row of tools that shows a part, and whether it is a run or an answer that is joined by its arguments, if at all.';

REVOKE ALL ON FUNCTION "agensight_private"."find_home"(uuid, agensight_private.tool_parts) FROM PUBLIC;
