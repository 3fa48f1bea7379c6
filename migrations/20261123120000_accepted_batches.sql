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

create function private.store_batch(project uuid, batch jsonb, accepted timestamptz) returns jsonb
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  sent_id uuid := (batch ->> 'batch_id')::uuid;
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

  perform private.keep_session_totals_back();
  counts := jsonb_build_object(
    'traces', private.write_traces(project, private.traces_of(batch)),
    'spans', private.write_spans(project, batch -> 'spans'),
    'prompts', private.write_prompts(project, batch -> 'prompts'),
    'completions', private.write_completions(project, batch -> 'completions'));
  tools := private.tools_of(project, batch);
  counts := counts || jsonb_build_object('tools', private.write_tools(project, tools));
  perform private.join_tool_runs(project, tools);
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

create or replace function public.ingest(token_hash text, batch jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = '' set timezone = 'UTC'
as $$
begin
  return private.store_batch((private.find_token(token_hash, 'ingest')).project_id, batch, null);
end $$;

create or replace function public.ingest_by_span(token_hash text, batch jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = '' set timezone = 'UTC'
as $$
begin
  return private.store_batch_by_span((private.find_token(token_hash, 'ingest')).project_id, batch, null);
end $$;

create function public.ingest_accepted(project_id uuid, batch jsonb, accepted_at timestamptz, names_span_only boolean)
  returns jsonb
  language plpgsql volatile security definer set search_path = '' set timezone = 'UTC'
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
