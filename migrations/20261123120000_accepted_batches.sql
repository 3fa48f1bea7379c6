-- A batch that was accepted while the database was away.
--
-- The ingest function then keeps it outside of the database and answers 202: from that moment it is
-- stored or it is our fault. So who sent it was decided when it was accepted. A token that has been
-- revoked or has expired since does not lose what was acknowledged, and this way in asks for none: it
-- is for the service role alone, which reads such batches from a place that only the ingest function
-- writes to.

alter table public.receipts
  add column request_id  text,
  add column accepted_at timestamptz;
comment on column public.receipts.request_id is
  'The request that brought the batch, as in the ingest function''s log lines; null where it had none.';
comment on column public.receipts.accepted_at is
  'When the sender was told that the batch is safe, if that was before it was stored here; else null.';

-- In plpgsql, whose plans last as long as the connection: those of SQL functions are made anew each time.

create or replace function private.sessions_of(batch jsonb) returns jsonb
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
    -- Nothing to add to a session that the batch itself carries with times as wide.
    where not exists (
      select from jsonb_to_recordset(batch -> 'sessions') as s(id text, started_at timestamptz, ended_at timestamptz)
      where s.id = t.session_id
        and coalesce(s.started_at <= t.started_at, t.started_at is null)
        and coalesce(s.ended_at >= t.ended_at, t.ended_at is null)));
end $$;

create or replace function private.tools_of(project uuid, batch jsonb) returns jsonb
  language plpgsql stable security invoker set search_path = ''
as $$
declare
  tools constant jsonb := batch -> 'tools';
begin
  if not exists (select from jsonb_to_recordset(tools) as r(id text, run_span_id text) where id = run_span_id) then
    return tools;
  end if;
  -- A run that was joined before goes to the row that it was joined to.
  return (
    select jsonb_agg(record || coalesce((
      select jsonb_build_object('id', t.id) from public.tools t
      where t.project_id = project and t.trace_id = record ->> 'trace_id'
        and t.run_span_id = record ->> 'run_span_id' and t.id <> record ->> 'id'
        and record ->> 'id' = record ->> 'run_span_id'
      order by t.id limit 1), '{}'))
    from jsonb_array_elements(tools) record);
end $$;

create function private.store_batch(project uuid, batch jsonb, accepted timestamptz) returns jsonb
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  sent_id uuid := (batch ->> 'batch_id')::uuid;
  traces jsonb;
  known text[];
  tools jsonb;
  counts jsonb;
begin
  if sent_id is null then
    raise exception 'A batch needs a batch_id.' using errcode = 'PT400';
  end if;
  select r.stored into counts from public.receipts r where r.project_id = project and r.batch_id = sent_id;
  if found then
    return jsonb_build_object('batch_id', sent_id, 'stored', counts, 'repeated', true);
  end if;

  perform private.keep_totals_back();
  traces := private.traces_of(batch);
  counts := jsonb_build_object('traces', private.write_traces(project, traces));
  -- Of the traces that this batch begins nothing can stand: who would write to them waits for it to end.
  known := array(
    select r.id from jsonb_to_recordset(traces) as r(id text)
    where (r.id in (select b.id from unnest(private.begun_traces()) b(id))) is not true);
  counts := counts || jsonb_build_object(
    'spans', private.write_spans(project, batch -> 'spans', known),
    'prompts', private.write_prompts(project, batch -> 'prompts'),
    'completions', private.write_completions(project, batch -> 'completions', known));
  tools := private.tools_of(project, batch);
  counts := counts || jsonb_build_object('tools', private.write_tools(project, tools, known));
  perform private.join_tool_runs(project, tools);
  perform private.note_traces(project, traces);
  perform private.release_trace_totals();
  -- Sessions come last: only now is it known to which ones the traces belong.
  counts := counts || jsonb_build_object('sessions', private.release_session_totals(project, private.sessions_of(batch)));

  insert into public.receipts (project_id, batch_id, stored, sdk, request_id, accepted_at)
  values (project, sent_id, counts, nullif(batch -> 'sdk', 'null'), left(batch ->> 'request_id', 128), accepted)
  on conflict do nothing;
  return jsonb_build_object('batch_id', sent_id, 'stored', counts, 'repeated', false);
end $$;
comment on function private.store_batch(uuid, jsonb, timestamptz) is
  'Writes a batch of records and its receipt, in one transaction; a batch_id seen before changes nothing. The inner step of ingest(), ingest_by_span() and ingest_accepted(), which know the project.';

create function private.store_batch_by_span(project uuid, batch jsonb, accepted timestamptz) returns jsonb
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  homes jsonb;
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
  homes := private.homes_of(project, batch);
  if homes <> '{}' then
    batch := batch || jsonb_build_object(
      'prompts', private.rehome(batch -> 'prompts', homes),
      'completions', private.rehome(batch -> 'completions', homes),
      'tools', private.rehome(batch -> 'tools', homes));
  end if;
  answer := private.store_batch(project, batch, accepted);
  -- Also for records whose span was known before: others may wait for it since a time when the span
  -- came in by a way that does not look for them.
  perform private.move_waiting(project, m.waiting, m.home) from (
    select key as waiting, value as home from jsonb_each_text(homes)
    union
    select 'span:' || id, min(trace_id) from jsonb_to_recordset(batch -> 'spans') as r(id text, trace_id text)
    group by id
    order by 1
  ) m;
  return answer;
end $$;
comment on function private.store_batch_by_span(uuid, jsonb, timestamptz) is
  'store_batch() for records that name their span but not its trace.';

-- Each statement is planned once for a connection and all batches, since a plan takes about as long to make
-- as a small batch to store. It may be made while the tables are small, so rows are found by their keys
-- whatever the planner believes.

create or replace function public.ingest(token_hash text, batch jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
begin
  return private.store_batch((private.find_token(token_hash, 'ingest')).project_id, batch, null);
end $$;

create or replace function public.ingest_by_span(token_hash text, batch jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
begin
  return private.store_batch_by_span((private.find_token(token_hash, 'ingest')).project_id, batch, null);
end $$;

create function public.ingest_accepted(project_id uuid, batch jsonb, accepted_at timestamptz, names_span_only boolean)
  returns jsonb
  language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
begin
  -- Whoever deletes a project means what is on its way to it, too.
  perform from public.projects p where p.id = ingest_accepted.project_id and p.deleted_at is null for key share;
  if not found then
    raise exception 'The project is gone.' using errcode = 'PT410';
  end if;
  if names_span_only then
    return private.store_batch_by_span(ingest_accepted.project_id, batch, ingest_accepted.accepted_at);
  end if;
  return private.store_batch(ingest_accepted.project_id, batch, ingest_accepted.accepted_at);
end $$;
comment on function public.ingest_accepted(uuid, jsonb, timestamptz, boolean) is
  'Stores a batch that was authenticated and acknowledged at an earlier time, while the database was away: ingest(), or with names_span_only ingest_by_span(), without a token. Raises PT410 for a project that is gone, and PT400. For the drain function alone.';

revoke all on function
  private.store_batch(uuid, jsonb, timestamptz), private.store_batch_by_span(uuid, jsonb, timestamptz),
  public.ingest_accepted(uuid, jsonb, timestamptz, boolean)
  from public, anon, authenticated, service_role;
grant execute on function public.ingest_accepted(uuid, jsonb, timestamptz, boolean) to service_role;
