-- Totals of traces and sessions, kept by statement-level triggers as differences: exact under
-- concurrent writers, and a row that is sent again makes a difference of zero.
--
-- A batch touches a trace by its own record, by spans and by completions, and which sessions that
-- affects is known only once its traces are locked: they may belong to one that the batch does not name.
-- So within a batch the differences are collected in a setting of the transaction, and written in one
-- statement per table at its end. That also makes one order of locks: traces by id, their parts, and
-- then sessions by id.
--
-- Differences are added by "on conflict", which finds a row by its key whatever the planner estimates: a
-- join is planned once per connection, perhaps while the tables were small, and would then read all
-- traces for every batch until the tables are analyzed.

-- What the totals are is written once, in the list below. build_totals(), in the next file, makes from it
-- what keeps them; recount(), audit_totals() and repair_totals() read it.

create table agensight_private.totals (
  name         text primary key,
  source       text not null,
  contribution text not null,
  condition    text
);
comment on table  agensight_private.totals              is 'The totals of traces, each a column of agensight.traces and, as the sum over its traces, of agensight.sessions. After every change, call build_totals().';
comment on column agensight_private.totals.name         is 'The column of agensight.traces and agensight.sessions.';
comment on column agensight_private.totals.source       is 'The table whose rows are counted or summed; it has project_id and trace_id.';
comment on column agensight_private.totals.contribution is 'What one row of it adds, as SQL; null adds nothing.';
comment on column agensight_private.totals.condition    is 'Which of its rows add, as SQL; null for all of them.';
alter table agensight_private.totals enable row level security;
-- Its texts become SQL that runs with the rights of the owner, so no role of the API writes it.
create policy "the service role reads the list of totals" on agensight_private.totals
  for select to service_role using (true);

insert into agensight_private.totals (name, source, contribution, condition) values
  ('span_count',         'spans',       '1',                  null),
  ('error_count',        'spans',       '1',                  $$status = 'error'$$),
  ('llm_call_count',     'completions', '1',                  'completion_index = 0 and repeat_of is null'),
  ('prompt_tokens',      'completions', 'prompt_tokens',      null),
  ('completion_tokens',  'completions', 'completion_tokens',  null),
  ('total_tokens',       'completions', 'total_tokens',       null),
  ('cached_tokens',      'completions', 'cached_tokens',      null),
  ('cache_write_tokens', 'completions', 'cache_write_tokens', null),
  ('reasoning_tokens',   'completions', 'reasoning_tokens',   null),
  ('total_cost',         'completions', 'cost',               null);

-- build_totals() adds an attribute for each total.
create type agensight_private.change as (
  project_id  uuid,
  id          text collate "C",
  started_at  timestamptz,
  ended_at    timestamptz,
  trace_count numeric
);
comment on type agensight_private.change is
  'By how much the totals of a trace or session change, and the times that it must reach; null for what does not change.';

create function agensight_private.totals_of(of_source text) returns table (name text, contribution text, source text)
  language sql stable security invoker set search_path = ''
as $$
  select t.name, case when t.condition is null then t.contribution else format('case when %s then %s end', t.condition, t.contribution) end, t.source
  from agensight_private.totals t where of_source is null or t.source = of_source
  union all
  select t.name, format('%I', t.name), of_source from agensight_private.totals t where of_source = 'traces'
  union all
  select 'trace_count', '1', of_source where of_source = 'traces'
$$;
comment on function agensight_private.totals_of(text) is
  'The totals that rows of a table contribute to, with what a row contributes: all totals of a trace for null, those of a session for traces.';

create function agensight_private.each_total(template text, of_source text default null) returns text
  language sql stable security invoker set search_path = ''
as $$
  select string_agg(format(template, t.name, t.contribution, t.source), E',\n          ' order by t.name collate "C")
  from agensight_private.totals_of(of_source) t
$$;
comment on function agensight_private.each_total(text, text) is
  'A list for SQL with one entry for each of totals_of(): a template for format() with the name (1), what a row contributes (2) and the source (3).';

create function agensight_private.preserved_merge_state(t agensight.traces) returns jsonb
  language sql stable security invoker set search_path = ''
as $$
  -- The age of a field that has none of its own is that of '', and where that is absent, the row's ended_at:
  -- before a span moves ended_at, the age that the fields had is recorded.
  select case
    when t.merge_state ? '' or num_nonnulls(t.session_id, t.user_id, case when t.merge_state ? 'named_by' then null else t.name end, t.service_name, t.release, t.mode, t.error,
      t.input, t.output, t.tags, t.metadata) = 0 then t.merge_state
    else coalesce(t.merge_state, '{}') || jsonb_build_object('', coalesce(agensight_private.to_micros(t.ended_at::text), -1)) end
$$;
comment on function agensight_private.preserved_merge_state(agensight.traces) is
  'The merge_state of a trace whose ended_at a span is about to move: the age of its fields stays as it was.';

-- Within a batch -----------------------------------------------------------------------------------

create function agensight_private.defer_totals() returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform set_config('agensight.trace_changes', '{}', true), set_config('agensight.session_changes', '{}', true),
    set_config('agensight.new_traces', '{}', true), set_config('agensight.moved_traces', '{}', true);
end $$;
comment on function agensight_private.defer_totals() is
  'From here, in this transaction, totals are not written: those of traces until apply_trace_totals(), those of sessions until apply_session_totals(). Until the former, new_traces() has the inserted traces, and the setting agensight.moved_traces those in which spans moved.';

create function agensight_private.new_traces() returns text[]
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  return nullif(current_setting('agensight.new_traces', true), '');
end $$;
comment on function agensight_private.new_traces() is
  'The traces that the current batch has inserted: all their rows are from this batch. Null outside of a batch.';

create function agensight_private.append_changes(deferred text, changes agensight_private.change[]) returns text
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  return case deferred when '{}' then changes::text else left(deferred, -1) || ',' || substr(changes::text, 2) end;
end $$;
comment on function agensight_private.append_changes(text, agensight_private.change[]) is 'Two lists of changes as one, as text for a setting.';

create function agensight_private.change_trace_totals(changes agensight_private.change[]) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  -- Not empty within a batch.
  deferred constant text := current_setting('agensight.trace_changes', true);
begin
  if changes is null then
    return;
  elsif deferred <> '' then
    perform set_config('agensight.trace_changes', agensight_private.append_changes(deferred, changes), true);
  else
    perform agensight_private.add_trace_totals(changes);
  end if;
end $$;
comment on function agensight_private.change_trace_totals(agensight_private.change[]) is
  'Adds differences to the totals of traces; within a batch, at its end.';

create function agensight_private.change_session_totals(changes agensight_private.change[]) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  deferred constant text := current_setting('agensight.session_changes', true);
begin
  if changes is null then
    return;
  elsif deferred <> '' then
    perform set_config('agensight.session_changes', agensight_private.append_changes(deferred, changes), true);
  else
    perform agensight_private.add_session_totals(changes);
  end if;
end $$;
comment on function agensight_private.change_session_totals(agensight_private.change[]) is
  'Adds differences to the totals of sessions; within a batch, at its end.';

create function agensight_private.note_new_traces(ids text[]) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  noted constant text := current_setting('agensight.new_traces', true);
begin
  if noted <> '' then
    perform set_config('agensight.new_traces', array_cat(noted::text[], ids)::text, true);
  end if;
end $$;
comment on function agensight_private.note_new_traces(text[]) is 'Adds traces that a batch inserted to new_traces(); does nothing outside of a batch.';

create function agensight_private.apply_trace_totals() returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  changes constant agensight_private.change[] := current_setting('agensight.trace_changes');
begin
  if changes <> '{}' then
    perform agensight_private.add_trace_totals(changes);
  end if;
  perform set_config('agensight.trace_changes', '', true), set_config('agensight.new_traces', '', true),
    set_config('agensight.moved_traces', '', true), set_config('agensight.known_traces', '', true),
    set_config('agensight.ordinary_spans', '', true);
end $$;
comment on function agensight_private.apply_trace_totals() is 'Writes the changes to totals of traces since defer_totals().';

create function agensight_private.apply_session_totals(project uuid, sessions jsonb) returns integer
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  changes constant agensight_private.change[] := current_setting('agensight.session_changes');
  others jsonb;
  written integer;
begin
  perform set_config('agensight.session_changes', '', true);
  -- Those that the batch does not name are locked in the same statement as those that it does.
  select jsonb_agg(jsonb_build_object('inferred', true, 'id', o.id)) into others
  from (
    select c.id from unnest(changes) c
    except
    select n.id from jsonb_to_recordset(sessions) as n(id text)
  ) o;
  written := agensight_private.write_sessions(project, sessions || coalesce(others, '[]'));
  if changes <> '{}' then
    perform agensight_private.add_session_totals(changes, true);
  end if;
  return written;
end $$;
comment on function agensight_private.apply_session_totals(uuid, jsonb) is
  'Writes sessions, and the changes to their totals since defer_totals().';
