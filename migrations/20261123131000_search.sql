-- Search: traces by what was said in them, and by user, session, tag, metadata, model, tool, error,
-- duration and cost.
--
-- The words of every message would cost about as much to index as the message costs to store, and
-- conversations repeat themselves with each request. So ingest() only notes which traces it writes to, and
-- index_traces() looks at each of them afterwards as a whole: every distinct message once, and the
-- names of its models and tools beside the words. All of that is one list of numbers, hashes of
-- (project, what, value), under one index: any mix of conditions is one look into it.
--
-- maintain() keeps the list short, and a search looks at the newest thousand on it directly, so a trace
-- is found as soon as it is stored. What the hashes find is compared with the rows themselves: a
-- collision finds nothing wrong, and a deleted word nothing at all.
--
-- The tables are private and read by functions with definer rights: the operators of such an index are
-- not "leakproof", so behind row-level security no plan would use it. search_traces() itself runs with
-- the rights of its caller, so what it returns passes the policies of traces.

create table private.trace_search (
  project_id  uuid             not null,
  trace_id    text collate "C" not null,
  started_at  timestamptz      not null,
  duration_ms double precision,
  cost        numeric          not null,
  terms       integer[]        not null,
  primary key (project_id, trace_id)
);
comment on table  private.trace_search             is 'One row per trace that index_traces() has read: what it can be found by.';
comment on column private.trace_search.project_id  is 'The project of the trace.';
comment on column private.trace_search.trace_id    is 'The trace.';
comment on column private.trace_search.started_at  is 'When it began; when it was received if it never said.';
comment on column private.trace_search.duration_ms is 'From its start to its end, in milliseconds; null while nothing has ended.';
comment on column private.trace_search.cost        is 'Its total cost in USD.';
comment on column private.trace_search.terms       is 'Hashes of project, kind and value: words, user, session, tags, metadata, models, tools, errors.';
create index trace_search_by_term on private.trace_search using gin (terms);
create index trace_search_by_start on private.trace_search (project_id, started_at desc, trace_id desc);
create index trace_search_by_duration on private.trace_search (project_id, duration_ms desc);
create index trace_search_by_cost on private.trace_search (project_id, cost desc);

create table private.traces_to_index (
  project_id uuid             not null,
  trace_id   text collate "C" not null,
  queued_at  timestamptz      not null default now(),
  primary key (project_id, trace_id)
);
comment on table  private.traces_to_index            is 'Traces that changed since index_traces() read them.';
comment on column private.traces_to_index.project_id is 'The project of the trace.';
comment on column private.traces_to_index.trace_id   is 'The trace.';
comment on column private.traces_to_index.queued_at  is 'When it first changed.';
create index traces_to_index_by_time on private.traces_to_index (queued_at);

alter table private.trace_search enable row level security;
alter table private.traces_to_index enable row level security;
revoke all on private.trace_search, private.traces_to_index from public, anon, authenticated, service_role;
create policy "members may find their projects' traces" on private.trace_search
  for select to authenticated using (project_id = any (array(select private.my_projects())));
create policy "members may find their projects' new traces" on private.traces_to_index
  for select to authenticated using (project_id = any (array(select private.my_projects())));

-- Noting what changed -------------------------------------------------------------------------------

-- A row that stands already is locked without being written: index_traces() passes by what is locked,
-- so it never takes a trace away while a writer that it cannot see yet is adding to it.
create function private.note_change() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  if tg_table_name = 'traces' then
    insert into private.traces_to_index as q (project_id, trace_id)
    select n.project_id, n.id from new_rows n order by n.project_id, n.id
    on conflict (project_id, trace_id) do update set queued_at = q.queued_at where false;
  else
    insert into private.traces_to_index as q (project_id, trace_id)
    select distinct n.project_id, n.trace_id from new_rows n order by n.project_id, n.trace_id
    on conflict (project_id, trace_id) do update set queued_at = q.queued_at where false;
  end if;
  return null;
end $$;
comment on function private.note_change() is 'Puts the traces whose rows a statement wrote on the list for index_traces().';

create function private.note_traces(project uuid, traces jsonb) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  insert into private.traces_to_index as q (project_id, trace_id)
  select project, n.id from (select distinct r.id collate "C" as id from jsonb_to_recordset(traces) as r(id text)) n order by n.id
  on conflict (project_id, trace_id) do update set queued_at = q.queued_at where false;
end $$;
comment on function private.note_traces(uuid, jsonb) is
  'Puts the traces of a batch on the list for index_traces(), once for all its rows. Their rows must be locked.';

-- Spans and usage change the totals of their trace, and with it the trace. A batch has private.note_traces().
create trigger noted_on_insert after insert on public.traces
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function private.note_change();
create trigger noted_on_update after update on public.traces
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function private.note_change();
create trigger noted_on_insert after insert on public.message_lists
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function private.note_change();
create trigger noted_on_update after update on public.message_lists
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function private.note_change();
create trigger noted_on_insert after insert on public.completions
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function private.note_change();
create trigger noted_on_update after update on public.completions
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function private.note_change();
create trigger noted_on_insert after insert on public.tools
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function private.note_change();
create trigger noted_on_update after update on public.tools
  referencing new table as new_rows for each statement
  when (coalesce(current_setting('agensight.trace_changes', true), '') = '') execute function private.note_change();

-- A session lends its traces its user and metadata, and may say them late.
create function private.note_session() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  insert into private.traces_to_index as q (project_id, trace_id)
  -- A trace that is being written is put on the list by its writer, who must not be waited for: at its
  -- end it waits for the session, which is held here.
  select t.project_id, t.id
  from (
    select t.project_id, t.id from public.traces t where t.project_id = new.project_id and t.session_id = new.id
    offset 0 for share skip locked
  ) t
  order by t.id
  on conflict (project_id, trace_id) do update set queued_at = q.queued_at where false;
  return null;
end $$;
comment on function private.note_session() is 'Puts the traces of a session on the list for index_traces().';

create trigger noted_on_update after update on public.sessions for each row
  when (old.user_id is distinct from new.user_id or old.metadata is distinct from new.metadata)
  execute function private.note_session();

-- What a trace can be found by ------------------------------------------------------------------------

create function private.words(body text) returns text[]
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
  -- Where words are not set apart, each character and each pair of neighbours is one.
  return array(
    select distinct left(w, 64) from regexp_split_to_table(regexp_replace(body, unspaced, ' ', 'g'), others) w where w <> ''
    union
    select substr(run[1], n, size)
    from regexp_matches(body, unspaced, 'g') run, generate_series(1, length(run[1])) n, generate_series(1, 2) size
    where n + size - 1 <= length(run[1]));
end $$;
comment on function private.words(text) is
  'The distinct words of a text in lower case, without punctuation, cut after 64 characters. Where a script sets no spaces between words, each character and each pair of them.';

create function private.leaves(document jsonb) returns setof text
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
comment on function private.leaves(jsonb) is
  'The scalars of a JSON value, each with its path ("/plan/name=pro"); places in arrays do not count. At most 500 of 300 characters.';

create function private.term(project uuid, kind text, value text) returns integer
  language sql immutable security invoker set search_path = ''
as $$ select (hashtextextended(value, hashtextextended(kind, hashtextextended(project::text, 0))) >> 32)::integer $$;
comment on function private.term(uuid, text, text) is
  'One thing to find a trace by, as a number. Postgres keeps this hash the same from version to version.';

create function private.error_of(t public.traces) returns setof text
  language sql stable security invoker set search_path = ''
as $$
  select left(concat_ws(' ', e.error ->> 'type', e.error ->> 'message'), 2000) from (
    select t.error where t.status = 'error'
    union all
    select s.error from public.spans s
    where t.error_count > 0 and s.project_id = t.project_id and s.trace_id = t.id and s.status = 'error'
    union all
    select o.error from public.tools o
    where o.project_id = t.project_id and o.trace_id = t.id and o.status = 'error'
  ) e
$$;
comment on function private.error_of(public.traces) is 'Type and message of each error of a trace: its own, those of its spans and of its tools.';

create function private.terms_of(t public.traces) returns integer[]
  language plpgsql stable security invoker set search_path = ''
as $$
declare
  seed constant bigint := hashtextextended(t.project_id::text, 0);
  word_seed constant bigint := hashtextextended('word', seed);
  plain integer[];
  rest text;
begin
  -- Repeated history is read once. Most words are letters and digits already; the others go through
  -- words() together, since a call of a function costs more than a word.
  select coalesce(array_agg(distinct (hashtextextended(k.token, word_seed) >> 32)::integer) filter (where not k.is_odd), '{}'),
         coalesce(string_agg(distinct k.token, ' ') filter (where k.is_odd), '')
  into plain, rest
  from (
    select u.token, u.token ~ '[^a-z0-9]' or octet_length(u.token) > 64 as is_odd
    from (
      select m.body from (
        select left(p.content, 8000) as body
        from public.message_lists l cross join lateral unnest(l.contents) p(content)
        where l.project_id = t.project_id and l.trace_id = t.id
        union all
        select left(c.content, 8000) from public.completions c where c.project_id = t.project_id and c.trace_id = t.id
      ) m where m.body <> '' limit 1000
    ) m
    cross join lateral unnest(string_to_array(lower(translate(m.body, E'\n\t\r', '   ')), ' ')) as u (token)
    where u.token <> ''
  ) k;
  return array(
    -- private.term(), written out.
    select unnest(plain)
    union
    select (hashtextextended(f.value, hashtextextended(f.kind, seed)) >> 32)::integer
    from (
      select 'word' as kind, w as value from unnest(private.words(rest)) w
      union all
      select 'user', t.user_id where t.user_id is not null
      union all
      select 'session', t.session_id where t.session_id is not null
      union all
      select l.kind, l.value from public.sessions s
      cross join lateral (
        select 'user' as kind, s.user_id as value where s.user_id is not null
        union all
        select 'metadata', m from private.leaves(s.metadata) m
      ) l
      where s.project_id = t.project_id and s.id = t.session_id
      union all
      select 'tag', tag from unnest(t.tags) tag
      union all
      select 'metadata', l from private.leaves(t.metadata) l
      union all
      select distinct 'model', c.model from public.completions c
      where c.project_id = t.project_id and c.trace_id = t.id and c.model is not null
      union all
      select distinct 'tool', o.name from public.tools o
      where o.project_id = t.project_id and o.trace_id = t.id and o.name is not null
      union all
      select 'error', w from private.error_of(t) e, unnest(array_append(private.words(e), '')) w
    ) f);
end $$;
comment on function private.terms_of(public.traces) is
  'Everything a trace can be found by: the words of a thousand distinct messages, 8,000 characters of each, and its labels.';

create function public.index_traces(p_limit integer default 500) returns integer
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  project uuid;
  ids text[];
  present text[];
  indexed integer := 0;
begin
  for project, ids in
    -- First taken off the list, then read by the next statements: whoever writes in between puts them back.
    with next as (
      select q.project_id, q.trace_id from private.traces_to_index q
      order by q.queued_at limit p_limit for update skip locked
    ), gone as (
      delete from private.traces_to_index q using next n
      where q.project_id = n.project_id and q.trace_id = n.trace_id
      returning q.project_id, q.trace_id
    )
    select g.project_id, array_agg(g.trace_id order by g.trace_id) from gone g group by g.project_id order by g.project_id
  loop
    -- A trace that is being deleted is passed by, or its entry would outlive it.
    present := array(
      select t.id from public.traces t where t.project_id = project and t.id = any (ids)
      order by t.id for key share skip locked);
    delete from private.trace_search s
    where s.project_id = project and s.trace_id = any (ids) and s.trace_id <> all (present);
    insert into private.trace_search as s (project_id, trace_id, started_at, duration_ms, cost, terms)
    select project, t.id, coalesce(t.started_at, t.received_at),
           extract(epoch from t.ended_at - t.started_at) * 1000, t.total_cost, private.terms_of(t)
    from public.traces t
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
comment on function public.index_traces(integer) is
  'Makes the traces that changed findable by search_traces(), the longest waiting first, at most p_limit of them; returns how many it took. maintain() calls it. For the service role.';

-- Searching -------------------------------------------------------------------------------------------

create function private.is_found(
  t public.traces, words text[], phrases text[], user_id text, session_id text, tag text, metadata jsonb,
  model text, tool text, error_words text[], min_duration_ms double precision, min_cost numeric)
  returns boolean
  language plpgsql stable security invoker set search_path = ''
as $$
declare
  s public.sessions;
begin
  if (session_id is not null and session_id is distinct from t.session_id)
    or (tag is not null and not coalesce(t.tags @> array[tag], false))
    or (min_duration_ms is not null
      and not coalesce(extract(epoch from t.ended_at - t.started_at) * 1000 >= min_duration_ms, false))
    or (min_cost is not null and t.total_cost < min_cost)
  then
    return false;
  end if;
  if user_id is not null or metadata is not null then
    select * into s from public.sessions x where x.project_id = t.project_id and x.id = t.session_id;
    if (user_id is not null and not coalesce(user_id in (t.user_id, s.user_id), false))
      or (metadata is not null and not coalesce(t.metadata @> metadata, false) and not coalesce(s.metadata @> metadata, false))
    then
      return false;
    end if;
  end if;
  if model is not null and not exists (
      select from public.completions c
      where c.project_id = t.project_id and c.trace_id = t.id and c.model = is_found.model) then
    return false;
  end if;
  if tool is not null and not exists (
      select from public.tools o where o.project_id = t.project_id and o.trace_id = t.id and o.name = tool) then
    return false;
  end if;
  if error_words is not null and not exists (
      select from private.error_of(t) e where private.words(e) @> error_words) then
    return false;
  end if;
  return words is null or not exists (
    with m as materialized (
      select lower(left(p.content, 8000)) as body
      from public.message_lists l cross join lateral unnest(l.contents) p(content)
      where l.project_id = t.project_id and l.trace_id = t.id
      union
      select lower(left(c.content, 8000)) from public.completions c
      where c.project_id = t.project_id and c.trace_id = t.id
    )
    select from unnest(words) w
    where not exists (select from m where strpos(m.body, w) > 0 and w = any (private.words(m.body)))
    union all
    select from unnest(phrases) f
    where not exists (select from m where strpos(m.body, f) > 0));
end $$;
comment on function private.is_found(
  public.traces, text[], text[], text, text, text, jsonb, text, text, text[], double precision, numeric) is
  'Whether a trace, as its rows are now, meets all conditions; null is no condition.';

create function private.find_traces(
  project uuid, body text, user_id text, session_id text, tag text, metadata jsonb, model text, tool text, error text,
  min_duration_ms double precision, min_cost numeric, since timestamptz, until timestamptz, at_most integer, before text)
  returns table (trace_id text, started_at timestamptz)
  language plpgsql stable security definer set search_path = ''
as $$
declare
  words text[] := private.words(body);
  phrases text[] := array(select lower(q[1]) from regexp_matches(body, '"([^"]+)"', 'g') q);
  error_words text[] := private.words(error);
  wanted integer[];
  last_at timestamptz;
begin
  if not private.is_operator() and project not in (select private.my_projects()) then
    return;
  end if;
  if at_most is null or at_most not between 1 and 1000 then
    raise exception 'p_limit is from 1 to 1000.' using errcode = 'PT400';
  end if;
  if body is not null and words = '{}' then
    raise exception 'p_text has no word to look for.' using errcode = 'PT400';
  end if;
  if before is not null then
    select coalesce(t.started_at, t.received_at) into last_at from public.traces t
    where t.project_id = project and t.id = before;
    if last_at is null then
      raise exception 'p_before names no trace.' using errcode = 'PT400', hint = 'Give the id of the last trace of the page before.';
    end if;
  end if;
  wanted := array(
    select private.term(project, kind, value) from (
      select 'word' as kind, w as value from unnest(words) w
      union all select 'user', user_id union all select 'session', session_id union all select 'tag', tag
      union all select 'metadata', l from private.leaves(metadata) l
      union all select 'model', model union all select 'tool', tool
      union all select 'error', '' where error is not null
      union all select 'error', w from unnest(error_words) w
    ) f where value is not null);
  -- Planned for these values each time; the checks of the rows come last and end with the page.
  return query execute $query$
    with waiting as materialized (
      select q.trace_id from private.traces_to_index q where q.project_id = $1 order by q.queued_at desc limit 1000
    )
    select c.trace_id, c.started_at from (
      select x.trace_id, x.started_at from (
        select s.trace_id, s.started_at from private.trace_search s
        where s.project_id = $1 and ($2 = '{}' or s.terms @> $2)
          and ($3 is null or s.duration_ms >= $3) and ($4 is null or s.cost >= $4)
          and not exists (select from waiting w where w.trace_id = s.trace_id)
        union all
        select t.id, coalesce(t.started_at, t.received_at) from waiting w
        join public.traces t on t.project_id = $1 and t.id = w.trace_id
      ) x
      where ($5 is null or x.started_at >= $5) and ($6 is null or x.started_at < $6)
        and ($7 is null or (x.started_at, x.trace_id) < ($7, $8))
      order by x.started_at desc, x.trace_id desc
      offset 0
    ) c
    where (
      select private.is_found(t, $9, $10, $11, $12, $13, $14, $15, $16, $17, $3, $4)
      from public.traces t where t.project_id = $1 and t.id = c.trace_id)
    order by c.started_at desc, c.trace_id desc
    limit $18 $query$
  using project, wanted, min_duration_ms, min_cost, since, until, last_at, before, words, phrases, user_id, session_id,
    tag, metadata, model, tool, error_words, at_most;
end $$;
comment on function private.find_traces(
  uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamptz, timestamptz, integer, text) is
  'The inner step of search_traces(): which traces, in order. Finds nothing in a project that the caller may not read.';

create function public.search_traces(
  p_project_id uuid, p_text text default null, p_user_id text default null, p_session_id text default null,
  p_tag text default null, p_metadata jsonb default null, p_model text default null, p_tool text default null,
  p_error text default null, p_min_duration_ms double precision default null, p_min_cost numeric default null,
  p_since timestamptz default null, p_until timestamptz default null, p_limit integer default 50, p_before text default null)
  returns setof public.traces
  language sql stable security invoker set search_path = ''
as $$
  select t.* from private.find_traces(
    p_project_id, p_text, p_user_id, p_session_id, p_tag, p_metadata, p_model, p_tool, p_error, p_min_duration_ms,
    p_min_cost, p_since, p_until, p_limit, p_before) f
  join public.traces t on t.project_id = p_project_id and t.id = f.trace_id
  order by f.started_at desc, f.trace_id desc
$$;
comment on function public.search_traces(
  uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamptz, timestamptz, integer, text) is
  'The traces of a project that meet all conditions given, the latest first. p_text: words that stand in its prompts and completions, in any order and case, "in quotes" next to each other; p_user_id, p_session_id, p_tag, p_model, p_tool: exactly; p_metadata: contained in that of the trace or its session; p_error: words of an error, or '''' for any error; p_min_duration_ms in milliseconds; p_min_cost in USD; p_since and p_until bound the start; p_limit from 1 to 1000; p_before: the id of the last trace of the page before. Raises PT400.';

-- On a schedule -----------------------------------------------------------------------------------------

alter function public.maintain(integer) rename to delete_what_is_over;
alter function public.delete_what_is_over(integer) set schema private;
revoke all on function private.delete_what_is_over(integer) from public, anon, authenticated, service_role;

create function public.maintain(p_budget_ms integer default 2000) returns jsonb
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  deadline constant timestamptz := clock_timestamp() + make_interval(secs => p_budget_ms / 1000.0);
  answer constant jsonb := private.delete_what_is_over(p_budget_ms);
  indexed integer;
begin
  loop
    indexed := public.index_traces(100);
    exit when indexed < 100;
    if clock_timestamp() > deadline then
      return answer || '{"done": false}';
    end if;
  end loop;
  return answer;
end $$;
comment on function public.maintain(integer) is
  'Deletes what retention says is over, what belonged to deleted projects, old receipts and long-ended tokens, and makes new traces findable by search_traces(); stops after p_budget_ms milliseconds (1 to 60000). Returns done, false when there is more to do, and deleted: rows by table. Running it late, twice, or twice at once does no harm. For the service role, on a schedule.';

revoke all on function
  private.note_change(), private.note_traces(uuid, jsonb), private.note_session(), private.words(text), private.leaves(jsonb), private.term(uuid, text, text),
  private.terms_of(public.traces), private.error_of(public.traces), public.index_traces(integer), public.maintain(integer),
  private.is_found(public.traces, text[], text[], text, text, text, jsonb, text, text, text[], double precision, numeric),
  private.find_traces(uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamptz, timestamptz, integer, text),
  public.search_traces(uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamptz, timestamptz, integer, text)
  from public, anon, authenticated, service_role;
grant execute on function
  private.find_traces(uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamptz, timestamptz, integer, text),
  public.search_traces(uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamptz, timestamptz, integer, text)
  to authenticated, service_role;
grant execute on function public.index_traces(integer), public.maintain(integer) to service_role;

-- What is stored already becomes findable as well.
insert into private.traces_to_index (project_id, trace_id) select project_id, id from public.traces order by 1, 2;
