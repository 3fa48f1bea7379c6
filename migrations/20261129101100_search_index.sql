-- The index of search_traces(): which traces hold which words, users, sessions, tags, metadata, models,
-- tools and errors.
--
-- The words of every message would cost about as much to index as the message costs to store, and
-- conversations repeat themselves with each request. So ingest() only queues the traces that it writes
-- to, and index_traces() reads each of them afterwards as a whole: every distinct message once, and the
-- names of its models and tools beside the words. All of that is one list of numbers, hashes of
-- (project, kind, value), under one index: any mix of conditions is one index lookup.
--
-- maintain() keeps the queue short, and a search reads the newest thousand traces of the queue
-- directly, so a trace is found as soon as it is stored. Matches of hashes are checked against the rows
-- themselves: a collision finds nothing wrong, and a deleted word nothing at all.
--
-- The tables are private and read by functions with definer rights: the operators of such an index are
-- not "leakproof", so behind row-level security no plan would use it.

create table agensight_private.trace_search (
  project_id  uuid             not null,
  trace_id    text collate "C" not null,
  started_at  timestamptz      not null,
  duration_ms double precision,
  cost        numeric          not null,
  terms       integer[]        not null,
  primary key (project_id, trace_id)
);
comment on table  agensight_private.trace_search             is 'One row per trace that index_traces() has read: what it can be found by.';
comment on column agensight_private.trace_search.project_id  is 'The project of the trace.';
comment on column agensight_private.trace_search.trace_id    is 'The trace.';
comment on column agensight_private.trace_search.started_at  is 'When it began; when it was received if it has no start.';
comment on column agensight_private.trace_search.duration_ms is 'From its start to its end, in milliseconds; null while nothing has ended.';
comment on column agensight_private.trace_search.cost        is 'Its total cost in USD.';
comment on column agensight_private.trace_search.terms       is 'Hashes of project, kind and value: words, user, session, tags, metadata, models, tools, errors.';
create index trace_search_by_term on agensight_private.trace_search using gin (terms);
create index trace_search_by_start on agensight_private.trace_search (project_id, started_at desc, trace_id desc);
create index trace_search_by_duration on agensight_private.trace_search (project_id, duration_ms desc);
create index trace_search_by_cost on agensight_private.trace_search (project_id, cost desc);

create table agensight_private.traces_to_index (
  project_id uuid             not null,
  trace_id   text collate "C" not null,
  queued_at  timestamptz      not null default now(),
  primary key (project_id, trace_id)
);
comment on table  agensight_private.traces_to_index            is 'The queue of index_traces(): traces that changed since they were indexed.';
comment on column agensight_private.traces_to_index.project_id is 'The project of the trace.';
comment on column agensight_private.traces_to_index.trace_id   is 'The trace.';
comment on column agensight_private.traces_to_index.queued_at  is 'When it first changed.';
create index traces_to_index_by_time on agensight_private.traces_to_index (queued_at);

alter table agensight_private.trace_search enable row level security;
alter table agensight_private.traces_to_index enable row level security;
create policy "members may find their projects' traces" on agensight_private.trace_search
  for select to authenticated using (project_id = any (array(select agensight_private.my_projects())));
create policy "members may find their projects' new traces" on agensight_private.traces_to_index
  for select to authenticated using (project_id = any (array(select agensight_private.my_projects())));

-- The queue ----------------------------------------------------------------------------------------

-- A row that exists already is locked without being written: index_traces() skips locked rows, so it
-- never removes a trace from the queue while a concurrent writer is adding to it.
create function agensight_private.queue_changed_traces() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if tg_table_name = 'traces' then
    insert into agensight_private.traces_to_index as q (project_id, trace_id)
    select n.project_id, n.id from new_rows n order by n.project_id, n.id
    on conflict (project_id, trace_id) do update set queued_at = q.queued_at where false;
  else
    insert into agensight_private.traces_to_index as q (project_id, trace_id)
    select distinct n.project_id, n.trace_id from new_rows n order by n.project_id, n.trace_id
    on conflict (project_id, trace_id) do update set queued_at = q.queued_at where false;
  end if;
  return null;
end $$;
comment on function agensight_private.queue_changed_traces() is 'Queues the traces whose rows a statement wrote for index_traces().';

create function agensight_private.queue_traces(project uuid, traces jsonb) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  insert into agensight_private.traces_to_index as q (project_id, trace_id)
  select project, n.id from (select distinct r.id collate "C" as id from jsonb_to_recordset(traces) as r(id text)) n order by n.id
  on conflict (project_id, trace_id) do update set queued_at = q.queued_at where false;
end $$;
comment on function agensight_private.queue_traces(uuid, jsonb) is
  'Queues the traces of a batch for index_traces(), once for all its rows. Their rows must be locked.';

-- Traces are found by the user and metadata of their session, too, which may arrive late.
create function agensight_private.queue_session_traces() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  insert into agensight_private.traces_to_index as q (project_id, trace_id)
  -- A trace that is being written is queued by its writer, and waiting for it here would deadlock: at its
  -- end the writer waits for the session, which is locked here.
  select t.project_id, t.id
  from (
    select t.project_id, t.id from agensight.traces t where t.project_id = new.project_id and t.session_id = new.id
    offset 0 for share skip locked
  ) t
  order by t.id
  on conflict (project_id, trace_id) do update set queued_at = q.queued_at where false;
  return null;
end $$;
comment on function agensight_private.queue_session_traces() is 'Queues the traces of a session for index_traces().';

-- Spans and usage change the totals of their trace, and so the trace itself. A batch calls
-- queue_traces() once instead.
-- Spans and usage change the totals of their trace, and with it the trace. A batch has agensight_private.queue_traces().
create trigger queued_on_insert after insert on agensight.traces
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function agensight_private.queue_changed_traces();
create trigger queued_on_update after update on agensight.traces
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function agensight_private.queue_changed_traces();
create trigger queued_on_insert after insert on agensight.message_lists
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function agensight_private.queue_changed_traces();
create trigger queued_on_update after update on agensight.message_lists
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function agensight_private.queue_changed_traces();
create trigger queued_on_insert after insert on agensight.completions
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function agensight_private.queue_changed_traces();
create trigger queued_on_update after update on agensight.completions
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function agensight_private.queue_changed_traces();
create trigger queued_on_insert after insert on agensight.tools
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function agensight_private.queue_changed_traces();
create trigger queued_on_update after update on agensight.tools
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function agensight_private.queue_changed_traces();
create trigger queued_on_update after update on agensight.sessions for each row
  when (old.user_id is distinct from new.user_id or old.metadata is distinct from new.metadata)
  execute function agensight_private.queue_session_traces();

-- Terms --------------------------------------------------------------------------------------------

create function agensight_private.words(body text) returns text[]
  language plpgsql immutable strict security invoker set search_path = ''
as $$
declare
  -- Ranges of code points rather than classes, which mean something else in each locale.
  others   constant text := '[\u0001-/:-@\[-`{-\u00BF\u2000-\u206F\u3000-\u303F\uFF00-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65]+';
  unspaced constant text := '[\u0E00-\u0EFF\u1000-\u109F\u2E80-\u2FFF\u3040-\uA4CF\uAC00-\uD7FF\uF900-\uFAFF]+';
begin
  body := lower(body);
  if body !~ unspaced then
    return array(select distinct left(w, 64) from regexp_split_to_table(body, others) w where w <> '');
  end if;
  -- In scripts without spaces between words, each character and each pair of neighbours is a word.
  return array(
    select distinct left(w, 64) from regexp_split_to_table(regexp_replace(body, unspaced, ' ', 'g'), others) w where w <> ''
    union
    select substr(run[1], n, size)
    from regexp_matches(body, unspaced, 'g') run, generate_series(1, length(run[1])) n, generate_series(1, 2) size
    where n + size - 1 <= length(run[1]));
end $$;
comment on function agensight_private.words(text) is
  'The distinct words of a text in lower case, without punctuation, cut after 64 characters. In scripts without spaces between words, each character and each pair of neighbours.';

create function agensight_private.json_leaves(document jsonb) returns setof text
  language sql immutable security invoker set search_path = ''
as $$
  with recursive node (path, value) as (
    select '', document where document is not null
    union all
    select n.path || '/' || coalesce(e.key, ''), e.value
    from node n
    cross join lateral (
      select key, value from jsonb_each(case jsonb_typeof(n.value) when 'object' then n.value end)
      union all
      select null, value from jsonb_array_elements(case jsonb_typeof(n.value) when 'array' then n.value end)
    ) e
  )
  select left(path || '=' || (value #>> '{}'), 300) from node
  where jsonb_typeof(value) in ('string', 'number', 'boolean')
  limit 500
$$;
comment on function agensight_private.json_leaves(jsonb) is
  'The scalars of a JSON value, each with its path ("/plan/name=pro"); places in arrays do not count. At most 500 of 300 characters.';

create function agensight_private.term(project uuid, kind text, value text) returns integer
  language sql immutable security invoker set search_path = ''
as $$ select (hashtextextended(value, hashtextextended(kind, hashtextextended(project::text, 0))) >> 32)::integer $$;
comment on function agensight_private.term(uuid, text, text) is
  'One search term, as a number. This hash is the same in all versions of Postgres.';

create function agensight_private.errors_of(t agensight.traces) returns setof text
  language sql stable security invoker set search_path = ''
as $$
  select left(concat_ws(' ', e.error ->> 'type', e.error ->> 'message'), 2000) from (
    select t.error where t.status = 'error'
    union all
    select s.error from agensight.spans s
    where t.error_count > 0 and s.project_id = t.project_id and s.trace_id = t.id and s.status = 'error'
    union all
    select o.error from agensight.tools o
    where o.project_id = t.project_id and o.trace_id = t.id and o.status = 'error'
  ) e
$$;
comment on function agensight_private.errors_of(agensight.traces) is 'Type and message of each error of a trace: its own, those of its spans and of its tools.';

create function agensight_private.terms_of(t agensight.traces) returns integer[]
  language plpgsql stable security invoker set search_path = ''
as $$
declare
  seed constant bigint := hashtextextended(t.project_id::text, 0);
  word_seed constant bigint := hashtextextended('word', seed);
  plain integer[];
  rest text;
begin
  -- Repeated messages and repeated words are read once. Most words are letters and digits already; the others
  -- are passed to words() together, since a call of a function costs more than a word.
  select coalesce(array_agg((hashtextextended(k.token, word_seed) >> 32)::integer) filter (where not k.is_odd), '{}'),
         coalesce(string_agg(k.token, ' ') filter (where k.is_odd), '')
  into plain, rest
  from (
    select d.token, d.token ~ '[^a-z0-9]' or octet_length(d.token) > 64 as is_odd
    from (
      select distinct u.token collate "C" as token
      from (
        select m.body from (
          select left(p.content, 8000) as body
          from agensight.message_lists l cross join lateral unnest(l.contents) p(content)
          where l.project_id = t.project_id and l.trace_id = t.id
          union all
          select left(c.content, 8000) from agensight.completions c where c.project_id = t.project_id and c.trace_id = t.id
        ) m where m.body <> '' limit 1000
      ) m
      cross join lateral unnest(string_to_array(lower(m.body), ' ')) as u (token)
      where u.token <> ''
    ) d
  ) k;
  return array(
    -- term(), inlined.
    select unnest(plain)
    union
    select (hashtextextended(f.value, hashtextextended(f.kind, seed)) >> 32)::integer
    from (
      select 'word' as kind, w as value from unnest(agensight_private.words(rest)) w
      union all
      select 'user', t.user_id where t.user_id is not null
      union all
      select 'session', t.session_id where t.session_id is not null
      union all
      select l.kind, l.value from agensight.sessions s
      cross join lateral (
        select 'user' as kind, s.user_id as value where s.user_id is not null
        union all
        select 'metadata', m from agensight_private.json_leaves(s.metadata) m
      ) l
      where s.project_id = t.project_id and s.id = t.session_id
      union all
      select 'tag', tag from unnest(t.tags) tag
      union all
      select 'metadata', l from agensight_private.json_leaves(t.metadata) l
      union all
      select distinct 'model', c.model from agensight.completions c
      where c.project_id = t.project_id and c.trace_id = t.id and c.model is not null
      union all
      select distinct 'tool', o.name from agensight.tools o
      where o.project_id = t.project_id and o.trace_id = t.id and o.name is not null
      union all
      select 'error', w from agensight_private.errors_of(t) e, unnest(array_append(agensight_private.words(e), '')) w
    ) f);
end $$;
comment on function agensight_private.terms_of(agensight.traces) is
  'All terms of a trace: the words of a thousand distinct messages, 8,000 characters of each, and its labels.';

create function agensight.index_traces(p_limit integer default 500) returns integer
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  project uuid;
  ids text[];
  present text[];
  indexed integer := 0;
begin
  for project, ids in
    -- First removed from the queue, then read by the next statements: a writer in between queues them again.
    with next as (
      select q.project_id, q.trace_id from agensight_private.traces_to_index q
      order by q.queued_at limit p_limit for update skip locked
    ), gone as (
      delete from agensight_private.traces_to_index q using next n
      where q.project_id = n.project_id and q.trace_id = n.trace_id
      returning q.project_id, q.trace_id
    )
    select g.project_id, array_agg(g.trace_id order by g.trace_id) from gone g group by g.project_id order by g.project_id
  loop
    -- A trace that is being deleted is skipped, or its entry would outlive it.
    present := array(
      select t.id from agensight.traces t where t.project_id = project and t.id = any (ids)
      order by t.id for key share skip locked);
    delete from agensight_private.trace_search s
    where s.project_id = project and s.trace_id = any (ids) and s.trace_id <> all (present);
    insert into agensight_private.trace_search as s (project_id, trace_id, started_at, duration_ms, cost, terms)
    select project, t.id, coalesce(t.started_at, t.received_at),
           extract(epoch from t.ended_at - t.started_at) * 1000, t.total_cost, agensight_private.terms_of(t)
    from agensight.traces t
    where t.project_id = project and t.id = any (present)
    order by t.id
    on conflict (project_id, trace_id) do update
    set started_at = excluded.started_at, duration_ms = excluded.duration_ms, cost = excluded.cost, terms = excluded.terms
    where (s.started_at, s.duration_ms, s.cost, s.terms)
      is distinct from (excluded.started_at, excluded.duration_ms, excluded.cost, excluded.terms);
    indexed := indexed + cardinality(ids);
  end loop;
  return indexed;
end $$;
comment on function agensight.index_traces(integer) is
  'Indexes the traces that changed for search_traces(), the longest queued first, at most p_limit of them; returns how many. maintain() calls it. For the service role.';
