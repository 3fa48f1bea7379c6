CREATE OR REPLACE FUNCTION agensight_private.join_tool_runs (
  project uuid,
  records jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  run agensight.tools;
  call_id text;
begin
  for run in
    select * from agensight.tools t
    where t.project_id = project and t.id = t.run_span_id
      and t.trace_id in (select r.trace_id from jsonb_to_recordset(records) as r(trace_id text))
    order by t.trace_id, t.started_at, t.id
  loop
    call_id := agensight_private.find_tool_call(run);
    if call_id is not null then
      perform agensight_private.write_tools(project, jsonb_build_array(
        to_jsonb(run) - '{name,arguments}'::text[] || jsonb_build_object('id', call_id)));
      delete from agensight.tools t where t.project_id = project and t.trace_id = run.trace_id and t.id = run.id;
    end if;
  end loop;
end $function$;

COMMENT ON FUNCTION "agensight_private"."join_tool_runs"(uuid, jsonb) IS 'Joins the runs without a call, in the traces of these tools, to the calls that are known by now.';

REVOKE ALL ON FUNCTION "agensight_private"."join_tool_runs"(uuid, jsonb) FROM PUBLIC;
