CREATE OR REPLACE FUNCTION agensight_private.move_pending_records (
  project uuid,
  waiting text,
  home    text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  homes constant jsonb := jsonb_build_object(waiting, home);
  moved jsonb;
begin
  -- Written anew rather than updated: the home may have the row already, and then they are merged.
  select jsonb_agg(to_jsonb(p)) into moved from agensight.prompts p where p.project_id = project and p.trace_id = waiting;
  if moved is not null then
    delete from agensight.message_lists t where t.project_id = project and t.trace_id = waiting;
    perform agensight_private.write_prompts(project, agensight_private.replace_trace_ids(moved, homes));
  end if;
  with gone as (delete from agensight.completions t where t.project_id = project and t.trace_id = waiting returning t)
  select jsonb_agg(to_jsonb(t)) into moved from gone;
  if moved is not null then
    perform agensight_private.write_completions(project, agensight_private.replace_trace_ids(moved, homes));
  end if;
  with gone as (delete from agensight.tools t where t.project_id = project and t.trace_id = waiting returning t)
  select jsonb_agg(to_jsonb(t)) into moved from gone;
  if moved is not null then
    perform agensight_private.write_tools(project, agensight_private.replace_trace_ids(moved, homes));
  end if;
  delete from agensight.traces t where t.project_id = project and t.id = waiting and t.span_count = 0;
end $function$;

COMMENT ON FUNCTION "agensight_private"."move_pending_records"(uuid, text, text) IS 'Moves what waits for a span into the span''s trace, and removes the waiting trace. Does nothing when nothing waits.';

REVOKE ALL ON FUNCTION "agensight_private"."move_pending_records"(uuid, text, text) FROM PUBLIC;
