CREATE OR REPLACE FUNCTION agensight_private.store_batch (
  project  uuid,
  batch    jsonb,
  accepted timestamp with time zone
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  sent_id uuid := (batch ->> 'batch_id')::uuid;
  traces jsonb;
  known text[];
  survey record;
  counts jsonb;
begin
  if sent_id is null then
    raise exception 'A batch needs a batch_id.' using errcode = 'PT400';
  end if;
  select r.stored into counts from agensight.receipts r where r.project_id = project and r.batch_id = sent_id;
  if found then
    return jsonb_build_object('batch_id', sent_id, 'stored', counts, 'repeated', true);
  end if;

  perform agensight_private.defer_totals();
  traces := agensight_private.traces_of(batch);
  counts := jsonb_build_object('traces', agensight_private.write_traces(project, traces));
  -- Traces that this batch inserted have no other rows: another writer waits for this transaction to end.
  known := array(
    select r.id from jsonb_to_recordset(traces) as r(id text)
    where (r.id in (select b.id from unnest(agensight_private.new_traces()) b(id))) is not true);
  survey := agensight_private.survey_spans(batch);
  perform set_config('agensight.known_traces', known::text, true),
    set_config('agensight.ordinary_spans', survey.are_ordinary::text, true);
  if known <> '{}' then
    perform agensight_private.take_off_calls(project, batch -> 'completions', known);
    perform agensight_private.take_off_tools(project, batch -> 'tools', known);
  end if;
  counts := counts || jsonb_build_object('spans', agensight_private.write_spans(project, batch -> 'spans', known));
  if known <> '{}' then
    perform agensight_private.price_calls_before_spans(project, array_agg(s.trace_id), array_agg(s.id))
    from jsonb_to_recordset(batch -> 'spans') as s(trace_id text, id text)
    where s.trace_id in (select k.id from unnest(known) k(id));
  end if;
  counts := counts || jsonb_build_object(
    'prompts', agensight_private.write_prompts(project, batch -> 'prompts', known),
    'completions', agensight_private.write_completions(project, batch -> 'completions', known),
    'tools', agensight_private.write_tools(project, batch -> 'tools', known));
  perform agensight_private.relate_tools(
    project, batch, known, agensight_private.relate_calls(project, batch, known, survey.nested));
  perform agensight_private.name_traces(project, traces, batch -> 'spans');
  perform agensight_private.queue_traces(project, traces);
  perform agensight_private.apply_trace_totals();
  -- Sessions come last: only now is it known to which ones the traces belong.
  counts := counts || jsonb_build_object('sessions', agensight_private.apply_session_totals(project, agensight_private.sessions_of(batch)));

  insert into agensight.receipts (project_id, batch_id, stored, sdk, request_id, accepted_at)
  values (project, sent_id, counts, nullif(batch -> 'sdk', 'null'), left(batch ->> 'request_id', 128), accepted)
  on conflict do nothing;
  return jsonb_build_object('batch_id', sent_id, 'stored', counts, 'repeated', false);
end $function$;

COMMENT ON FUNCTION "agensight_private"."store_batch"(uuid, jsonb, timestamp with time zone) IS 'Writes a batch of records and its receipt, in one transaction; a batch_id seen before changes nothing. The inner step of ingest(), ingest_by_span() and ingest_accepted(), which know the project.';

REVOKE ALL ON FUNCTION "agensight_private"."store_batch"(uuid, jsonb, timestamp WITH time zone) FROM PUBLIC;
