-- ingest(): one batch, one transaction.
--
-- A span, completion or tool may arrive before its trace, and a trace before its session. The missing
-- trace or session then gets a row at once: its totals need one, and lists of sessions are complete.

-- In plpgsql, whose plans last as long as the connection: those of SQL functions are made at each call.

create function agensight_private.sessions_of(batch jsonb) returns jsonb
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  return (
    select coalesce(batch -> 'sessions', '[]') || coalesce(jsonb_agg(jsonb_build_object(
      'inferred', true, 'id', t.session_id, 'started_at', t.started_at, 'ended_at', t.ended_at)), '[]')
    from (
      select session_id, min(started_at) as started_at, max(coalesce(ended_at, started_at)) as ended_at
      from jsonb_to_recordset(batch -> 'traces') as r(session_id text, started_at timestamptz, ended_at timestamptz)
      where session_id is not null
      group by session_id
    ) t
    -- Nothing to add to a session that the batch itself has with times as wide.
    where not exists (
      select from jsonb_to_recordset(batch -> 'sessions') as s(id text, started_at timestamptz, ended_at timestamptz)
      where s.id = t.session_id
        and coalesce(s.started_at <= t.started_at, t.started_at is null)
        and coalesce(s.ended_at >= t.ended_at, t.ended_at is null)));
end $$;
comment on function agensight_private.sessions_of(jsonb) is 'The sessions of a batch, and those that only its traces name, marked inferred.';

-- Records of every kind create their trace: retention then finds each record by its trace, and each is
-- written under the lock of that trace.
create function agensight_private.traces_of(batch jsonb) returns jsonb
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  return (
    select coalesce(batch -> 'traces', '[]') || coalesce(jsonb_agg(jsonb_build_object('inferred', true, 'id', trace_id)), '[]')
    from (
      select trace_id from jsonb_to_recordset(batch -> 'spans') as r(trace_id text)
      union
      select trace_id from jsonb_to_recordset(batch -> 'prompts') as r(trace_id text)
      union
      select trace_id from jsonb_to_recordset(batch -> 'completions') as r(trace_id text)
      union
      select trace_id from jsonb_to_recordset(batch -> 'tools') as r(trace_id text)
      except
      select id from jsonb_to_recordset(batch -> 'traces') as r(id text)
    ) parts);
end $$;
comment on function agensight_private.traces_of(jsonb) is 'The traces of a batch, and those that only its other records name, marked inferred.';

-- Batches ------------------------------------------------------------------------------------------

create function agensight_private.store_batch(project uuid, batch jsonb, accepted timestamptz) returns jsonb
  language plpgsql volatile security invoker set search_path = ''
as $$
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
end $$;
comment on function agensight_private.store_batch(uuid, jsonb, timestamptz) is
  'Writes a batch of records and its receipt, in one transaction; a batch_id seen before changes nothing. The inner step of ingest(), ingest_by_span() and ingest_accepted(), which know the project.';

-- Records that name their span but not their trace -------------------------------------------------
--
-- One Python client sends prompts, completions and tools with the id of their span and nothing else,
-- while every key here begins with the trace. Where the span is known, its trace is looked up. Where it
-- is not, the records wait in a pending trace, "span:<id>", in the same tables, so that they can be read
-- and are not lost if the span never arrives; its arrival moves them.
--
-- The one race, a record that looks for its span while the span looks for its records, is closed by an
-- advisory lock on the span's id for the length of the transaction. It is taken before any row is
-- touched and nowhere else, in the order of its number, so it cannot add a deadlock. Apart from the
-- lock, only a writer of those clients ever touches the rows of a pending trace.

create function agensight_private.resolve_span_traces(project uuid, batch jsonb) returns jsonb
  language sql stable security invoker set search_path = ''
as $$
  select coalesce(jsonb_object_agg(w.trace_id, found.trace_id), '{}')
  from (
    select trace_id from jsonb_to_recordset(batch -> 'prompts') as r(trace_id text)
    union
    select trace_id from jsonb_to_recordset(batch -> 'completions') as r(trace_id text)
    union
    select trace_id from jsonb_to_recordset(batch -> 'tools') as r(trace_id text)
  ) w
  cross join lateral (
    select s.trace_id from agensight.spans s
    where s.project_id = project and s.id = substr(w.trace_id, 6) and length(s.id) = 36
    order by s.trace_id limit 1
  ) found
  where w.trace_id like 'span:%'
$$;
comment on function agensight_private.resolve_span_traces(uuid, jsonb) is
  'Of the pending traces that the records of a batch name, those whose span is known, each with its trace.';

create function agensight_private.replace_trace_ids(records jsonb, trace_ids jsonb) returns jsonb
  language sql immutable security invoker set search_path = ''
as $$
  select coalesce(jsonb_agg(record || jsonb_build_object(
    'trace_id', coalesce(trace_ids -> (record ->> 'trace_id'), record -> 'trace_id'))), '[]')
  from jsonb_array_elements(records) record
$$;
comment on function agensight_private.replace_trace_ids(jsonb, jsonb) is 'Records with their trace in place of the pending one, where it is known.';

create function agensight_private.move_pending_records(project uuid, pending text, trace text) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
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
end $$;
comment on function agensight_private.move_pending_records(uuid, text, text) is
  'Moves the records that wait for a span into its trace, and deletes the pending trace. Does nothing when there are none.';

create function agensight_private.store_batch_by_span(project uuid, batch jsonb, accepted timestamptz) returns jsonb
  language plpgsql volatile security invoker set search_path = ''
as $$
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
end $$;
comment on function agensight_private.store_batch_by_span(uuid, jsonb, timestamptz) is
  'store_batch() for records that name their span but not its trace.';

-- The API of the ingest functions --------------------------------------------------------------------
--
-- Each statement is planned once for a connection and all batches, since a plan takes about as long to
-- make as a small batch to store. It may be made while the tables are small, so enable_seqscan is off:
-- rows are found by their keys whatever the planner estimates.

create function agensight.ingest(token_hash text, batch jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
begin
  return agensight_private.store_batch((agensight_private.find_token(token_hash, 'ingest')).project_id, batch, null);
end $$;
comment on function agensight.ingest(text, jsonb) is
  'Stores a batch of records in the project of a token (lower-case hexadecimal SHA-256), in one transaction; a batch_id seen before changes nothing. Returns batch_id, rows accepted per table, and whether it was a repeat. Raises PT401, PT403 or PT400. For the ingest function alone.';

create function agensight.ingest_by_span(token_hash text, batch jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
begin
  return agensight_private.store_batch_by_span((agensight_private.find_token(token_hash, 'ingest')).project_id, batch, null);
end $$;
comment on function agensight.ingest_by_span(text, jsonb) is
  'ingest() for clients whose prompts, completions and tools name only a span, a UUID: their trace_id is "span:<span_id>", and they are moved to the span''s trace whichever arrives first. For the ingest function alone.';

-- A batch that was accepted while the database was unavailable is kept outside of the database and
-- answered 202, so it must not be lost. Its project was decided when it was
-- accepted: a token that has been revoked or has expired since does not lose what was acknowledged, and
-- this function takes none. It is for the service role alone, which reads such batches from storage that
-- only the ingest function writes to.

create function agensight.ingest_accepted(project_id uuid, batch jsonb, accepted_at timestamptz, names_span_only boolean)
  returns jsonb
  language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
begin
  -- Deleting a project covers batches that are still on their way.
  perform from agensight.projects p where p.id = ingest_accepted.project_id and p.deleted_at is null for key share;
  if not found then
    raise exception 'The project was deleted.' using errcode = 'PT410';
  end if;
  if names_span_only then
    return agensight_private.store_batch_by_span(ingest_accepted.project_id, batch, ingest_accepted.accepted_at);
  end if;
  return agensight_private.store_batch(ingest_accepted.project_id, batch, ingest_accepted.accepted_at);
end $$;
comment on function agensight.ingest_accepted(uuid, jsonb, timestamptz, boolean) is
  'Stores a batch that was authenticated and acknowledged earlier, while the database was unavailable: ingest(), or with names_span_only ingest_by_span(), without a token. Raises PT410 for a project that was deleted, and PT400. For the drain function alone.';

create function agensight.schema_version() returns integer
  language sql immutable security invoker set search_path = ''
as $$ select 1 $$;
comment on function agensight.schema_version() is
  'Counts the migrations that change what ingest() takes or what the tables hold; the ingest function compares it with its own.';
