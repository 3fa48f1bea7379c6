CREATE OR REPLACE FUNCTION agensight_private.tools_of (
  project uuid,
  batch   jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  tools constant jsonb := batch -> 'tools';
begin
  if not exists (select from jsonb_to_recordset(tools) as r(id text, run_span_id text) where id = run_span_id) then
    return tools;
  end if;
  -- A run that was joined before is written to the row that it was joined to.
  return (
    select jsonb_agg(coalesce((
      select record - '{name,arguments}'::text[] || jsonb_build_object('id', t.id) from agensight.tools t
      where t.project_id = project and t.trace_id = record ->> 'trace_id'
        and t.run_span_id = record ->> 'run_span_id' and t.id <> record ->> 'id'
        and record ->> 'id' = record ->> 'run_span_id'
      order by t.id limit 1), record))
    from jsonb_array_elements(tools) record);
end $function$;

COMMENT ON FUNCTION "agensight_private"."tools_of"(uuid, jsonb) IS 'The tools of a batch; a run that was joined to a call before has the id of that call.';

REVOKE ALL ON FUNCTION "agensight_private"."tools_of"(uuid, jsonb) FROM PUBLIC;
