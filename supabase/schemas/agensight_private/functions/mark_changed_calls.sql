CREATE OR REPLACE FUNCTION agensight_private.mark_changed_calls()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  project uuid;
  traces text[];
  span_ids text[];
begin
  if not exists (select from new_rows) then return null; end if;
  for project, traces, span_ids in
    select project_id, array_agg(trace_id), array_agg(span_id)
    from (
      select project_id, trace_id, span_id, completion_index, model, provider, response_id, prompt_tokens, completion_tokens,
             total_tokens, cached_tokens, cache_write_tokens from new_rows
      except
      select project_id, trace_id, span_id, completion_index, model, provider, response_id, prompt_tokens, completion_tokens,
             total_tokens, cached_tokens, cache_write_tokens from old_rows
    ) n
    group by project_id
  loop
    perform agensight_private.mark_repeats(project, traces, span_ids);
    perform agensight_private.price_calls(project, traces, span_ids);
  end loop;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."mark_changed_calls"() IS 'Marks and prices the calls of which a statement changed a column that they are compared or priced by.';

REVOKE ALL ON FUNCTION "agensight_private"."mark_changed_calls"() FROM PUBLIC;
