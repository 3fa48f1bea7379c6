CREATE OR REPLACE FUNCTION agensight_private.price_changed_calls()
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
      select project_id, trace_id, span_id, completion_index, model, provider, prompt_tokens, completion_tokens,
             total_tokens, cached_tokens, cache_write_tokens, repeat_of from new_rows
      where repeat_of is null
      except
      select project_id, trace_id, span_id, completion_index, model, provider, prompt_tokens, completion_tokens,
             total_tokens, cached_tokens, cache_write_tokens, repeat_of from old_rows
    ) n
    group by project_id
  loop
    perform agensight_private.price_calls(project, traces, span_ids);
  end loop;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."price_changed_calls"() IS 'Prices the calls of which a statement changed a column that they are priced by.';

REVOKE ALL ON FUNCTION "agensight_private"."price_changed_calls"() FROM PUBLIC;
