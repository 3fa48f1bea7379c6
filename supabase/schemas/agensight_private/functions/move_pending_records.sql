CREATE OR REPLACE FUNCTION agensight_private.move_pending_records (
  project uuid,
  pending text,
  trace   text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  trace_ids constant jsonb := jsonb_build_object(pending, trace);
  known constant text[] := array[trace];
  moved jsonb;
  completions jsonb;
  tools jsonb;
begin
  -- Inserted again rather than updated: the trace may have the row already, and then they are merged.
  select jsonb_agg(to_jsonb(p)) into moved from agensight.prompts p where p.project_id = project and p.trace_id = pending;
  if moved is not null then
    delete from agensight.message_lists t where t.project_id = project and t.trace_id = pending;
    perform agensight_private.write_prompts(project, agensight_private.replace_trace_ids(moved, trace_ids));
  end if;
  with gone as (delete from agensight.completions t where t.project_id = project and t.trace_id = pending returning t)
  select agensight_private.replace_trace_ids(jsonb_agg(to_jsonb(t)), trace_ids) into completions from gone;
  with gone as (delete from agensight.tools t where t.project_id = project and t.trace_id = pending returning t)
  select agensight_private.replace_trace_ids(jsonb_agg(to_jsonb(t)), trace_ids) into tools from gone;
  if completions <> '[]' or tools <> '[]' then
    perform agensight_private.take_off_calls(project, completions, known), agensight_private.take_off_tools(project, tools, known);
    perform agensight_private.write_completions(project, completions), agensight_private.write_tools(project, tools);
    perform agensight_private.relate_tools(project, jsonb_build_object('tools', tools), known,
      agensight_private.relate_calls(project, jsonb_build_object('completions', completions), known, '{}'));
  end if;
  delete from agensight.traces t where t.project_id = project and t.id = pending and t.span_count = 0;
end $function$;

COMMENT ON FUNCTION "agensight_private"."move_pending_records"(uuid, text, text) IS 'Moves the records that wait for a span into its trace, and deletes the pending trace. Does nothing when there are none.';

REVOKE ALL ON FUNCTION "agensight_private"."move_pending_records"(uuid, text, text) FROM PUBLIC;
