-- A way in for records that name their span but not their trace.
--
-- The original Python SDK sends prompts, completions and tools with the id of their span and
-- nothing else, while every key here begins with the trace. Where the span is known, its trace is
-- looked up. Where it is not, the records wait under a trace of their own, "span:<id>", in the same
-- tables, so that they can be read and are not lost if the span never comes; its arrival moves them.
--
-- The one race, a record that looks for its span while the span looks for its records, is closed by
-- a lock on the span's id for the length of the transaction. It is taken before any row is touched
-- and by nobody else, in the order of its number, so it adds no circle. Apart from the lock, a
-- writer of those clients alone ever touches the rows of a waiting trace.

-- Partial, so that W3C span ids (16 digits) do not pay for it: the looked-up ids are UUIDs.
create index spans_by_uuid on public.spans (project_id, id) where length(id) = 36;

create function private.homes_of(project uuid, batch jsonb) returns jsonb
  language sql stable security invoker set search_path = ''
as $$
  select coalesce(jsonb_object_agg(w.trace_id, home.trace_id), '{}')
  from (
    select trace_id from jsonb_to_recordset(batch -> 'prompts') as r(trace_id text)
    union
    select trace_id from jsonb_to_recordset(batch -> 'completions') as r(trace_id text)
    union
    select trace_id from jsonb_to_recordset(batch -> 'tools') as r(trace_id text)
  ) w
  cross join lateral (
    select s.trace_id from public.spans s
    where s.project_id = project and s.id = substr(w.trace_id, 6) and length(s.id) = 36
    order by s.trace_id limit 1
  ) home
  where w.trace_id like 'span:%'
$$;
comment on function private.homes_of(uuid, jsonb) is
  'Of the waiting traces that the records of a batch name, those whose span is known, each with its real trace.';

create function private.rehome(records jsonb, homes jsonb) returns jsonb
  language sql immutable security invoker set search_path = ''
as $$
  select coalesce(jsonb_agg(record || jsonb_build_object(
    'trace_id', coalesce(homes -> (record ->> 'trace_id'), record -> 'trace_id'))), '[]')
  from jsonb_array_elements(records) record
$$;
comment on function private.rehome(jsonb, jsonb) is 'Records with the real trace in place of the waiting one, where it is known.';

create function private.move_waiting(project uuid, waiting text, home text) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  homes constant jsonb := jsonb_build_object(waiting, home);
  moved jsonb;
begin
  -- Written anew rather than updated: the home may have the row already, and then they are merged.
  with gone as (delete from public.prompts t where t.project_id = project and t.trace_id = waiting returning t)
  select jsonb_agg(to_jsonb(t)) into moved from gone;
  if moved is not null then
    perform private.write_prompts(project, private.rehome(moved, homes));
  end if;
  with gone as (delete from public.completions t where t.project_id = project and t.trace_id = waiting returning t)
  select jsonb_agg(to_jsonb(t)) into moved from gone;
  if moved is not null then
    perform private.write_completions(project, private.rehome(moved, homes));
  end if;
  with gone as (delete from public.tools t where t.project_id = project and t.trace_id = waiting returning t)
  select jsonb_agg(to_jsonb(t)) into moved from gone;
  if moved is not null then
    perform private.write_tools(project, private.rehome(moved, homes));
  end if;
  delete from public.traces t where t.project_id = project and t.id = waiting and t.span_count = 0;
end $$;
comment on function private.move_waiting(uuid, text, text) is
  'Moves what waits for a span into the span''s trace, and removes the waiting trace. Does nothing when nothing waits.';

create function public.ingest_by_span(token_hash text, batch jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = '' set timezone = 'UTC'
as $$
declare
  project uuid := (private.find_token(token_hash, 'ingest')).project_id;
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
  answer := public.ingest(token_hash, batch);
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
comment on function public.ingest_by_span(text, jsonb) is
  'ingest() for clients whose prompts, completions and tools name only a span, a UUID: their trace_id is "span:<span_id>", and they end in the span''s trace whichever comes first. For the ingest function alone.';

revoke all on function
  private.homes_of(uuid, jsonb), private.rehome(jsonb, jsonb), private.move_waiting(uuid, text, text),
  public.ingest_by_span(text, jsonb)
  from public, anon, authenticated, service_role;
grant execute on function public.ingest_by_span(text, jsonb) to service_role;
