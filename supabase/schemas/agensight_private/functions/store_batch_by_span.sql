CREATE OR REPLACE FUNCTION agensight_private.store_batch_by_span (
  project  uuid,
  batch    jsonb,
  accepted timestamp with time zone
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  trace_ids jsonb;
  answer jsonb;
begin
  perform pg_advisory_xact_lock(k.key) from (
    select distinct hashtextextended(project || trace_id, 0) as key from (
      select 'span:' || id as trace_id from jsonb_to_recordset(batch -> 'spans') as r(id text)
      union
      select trace_id from jsonb_to_recordset(batch -> 'prompts') as r(trace_id text)
      union
      select trace_id from jsonb_to_recordset(batch -> 'completions') as r(trace_id text)
      union
      select trace_id from jsonb_to_recordset(batch -> 'tools') as r(trace_id text)
    ) w
    where trace_id like 'span:%'
    order by key
  ) k;
  trace_ids := agensight_private.resolve_span_traces(project, batch);
  if trace_ids <> '{}' then
    batch := batch || jsonb_build_object(
      'prompts', agensight_private.replace_trace_ids(batch -> 'prompts', trace_ids),
      'completions', agensight_private.replace_trace_ids(batch -> 'completions', trace_ids),
      'tools', agensight_private.replace_trace_ids(batch -> 'tools', trace_ids));
  end if;
  answer := agensight_private.store_batch(project, batch, accepted);
  -- Also for records whose span was known before: others may wait for it since the span was stored by
  -- ingest(), which does not look for them.
  perform agensight_private.move_pending_records(project, m.pending, m.trace) from (
    select key as pending, value as trace from jsonb_each_text(trace_ids)
    union
    select 'span:' || id, min(trace_id) from jsonb_to_recordset(batch -> 'spans') as r(id text, trace_id text)
    group by id
    order by 1
  ) m;
  return answer;
end $function$;

COMMENT ON FUNCTION "agensight_private"."store_batch_by_span"(uuid, jsonb, timestamp with time zone) IS 'store_batch() for records that name their span but not its trace.';

REVOKE ALL ON FUNCTION "agensight_private"."store_batch_by_span"(uuid, jsonb, timestamp WITH time zone) FROM PUBLIC;
