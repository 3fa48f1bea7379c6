-- search_traces(): traces by what was said in them, and by user, session, tag, metadata, model, tool,
-- error, duration and cost. It runs with the rights of its caller, so what it returns passes the
-- policies of traces.

create function agensight_private.matches_search(
  t agensight.traces, words text[], phrases text[], user_id text, session_id text, tag text, metadata jsonb,
  model text, tool text, error_words text[], min_duration_ms double precision, min_cost numeric)
  returns boolean
  language plpgsql stable security invoker set search_path = ''
as $$
declare
  s agensight.sessions;
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
    select * into s from agensight.sessions x where x.project_id = t.project_id and x.id = t.session_id;
    if (user_id is not null and not coalesce(user_id in (t.user_id, s.user_id), false))
      or (metadata is not null and not coalesce(t.metadata @> metadata, false) and not coalesce(s.metadata @> metadata, false))
    then
      return false;
    end if;
  end if;
  if model is not null and not exists (
      select from agensight.completions c
      where c.project_id = t.project_id and c.trace_id = t.id and c.model = matches_search.model) then
    return false;
  end if;
  if tool is not null and not exists (
      select from agensight.tools o where o.project_id = t.project_id and o.trace_id = t.id and o.name = tool) then
    return false;
  end if;
  if error_words is not null and not exists (
      select from agensight_private.errors_of(t) e where agensight_private.words(e) @> error_words) then
    return false;
  end if;
  return words is null or not exists (
    with m as materialized (
      select lower(left(p.content, 8000)) as body
      from agensight.message_lists l cross join lateral unnest(l.contents) p(content)
      where l.project_id = t.project_id and l.trace_id = t.id
      union
      select lower(left(c.content, 8000)) from agensight.completions c
      where c.project_id = t.project_id and c.trace_id = t.id
    )
    select from unnest(words) w
    where not exists (select from m where strpos(m.body, w) > 0 and w = any (agensight_private.words(m.body)))
    union all
    select from unnest(phrases) f
    where not exists (select from m where strpos(m.body, f) > 0));
end $$;
comment on function agensight_private.matches_search(
  agensight.traces, text[], text[], text, text, text, jsonb, text, text, text[], double precision, numeric) is
  'Whether the present rows of a trace meet all conditions; null is no condition.';

create function agensight_private.find_traces(
  project uuid, body text, user_id text, session_id text, tag text, metadata jsonb, model text, tool text, error text,
  min_duration_ms double precision, min_cost numeric, since timestamptz, until timestamptz, at_most integer, before text)
  returns table (trace_id text, started_at timestamptz)
  language plpgsql stable security definer set search_path = ''
as $$
declare
  words text[] := agensight_private.words(body);
  phrases text[] := array(select lower(q[1]) from regexp_matches(body, '"([^"]+)"', 'g') q);
  error_words text[] := agensight_private.words(error);
  wanted integer[];
  last_at timestamptz;
begin
  if not agensight_private.is_operator() and project not in (select agensight_private.my_projects()) then
    return;
  end if;
  if at_most is null or at_most not between 1 and 1000 then
    raise exception 'p_limit is from 1 to 1000.' using errcode = 'PT400';
  end if;
  if body is not null and words = '{}' then
    raise exception 'p_text has no word to search for.' using errcode = 'PT400';
  end if;
  if before is not null then
    select coalesce(t.started_at, t.received_at) into last_at from agensight.traces t
    where t.project_id = project and t.id = before;
    if last_at is null then
      raise exception 'p_before is not the id of a trace.' using errcode = 'PT400', hint = 'Give the id of the last trace of the page before.';
    end if;
  end if;
  wanted := array(
    select agensight_private.term(project, kind, value) from (
      select 'word' as kind, w as value from unnest(words) w
      union all select 'user', user_id union all select 'session', session_id union all select 'tag', tag
      union all select 'metadata', l from agensight_private.json_leaves(metadata) l
      union all select 'model', model union all select 'tool', tool
      union all select 'error', '' where error is not null
      union all select 'error', w from unnest(error_words) w
    ) f where value is not null);
  -- Planned for these values each time; the checks of the rows come last and end with the page.
  return query execute $query$
    with waiting as materialized (
      select q.trace_id from agensight_private.traces_to_index q where q.project_id = $1 order by q.queued_at desc limit 1000
    )
    select c.trace_id, c.started_at from (
      select x.trace_id, x.started_at from (
        select s.trace_id, s.started_at from agensight_private.trace_search s
        where s.project_id = $1 and ($2 = '{}' or s.terms @> $2)
          and ($3 is null or s.duration_ms >= $3) and ($4 is null or s.cost >= $4)
          and not exists (select from waiting w where w.trace_id = s.trace_id)
        union all
        select t.id, coalesce(t.started_at, t.received_at) from waiting w
        join agensight.traces t on t.project_id = $1 and t.id = w.trace_id
      ) x
      where ($5 is null or x.started_at >= $5) and ($6 is null or x.started_at < $6)
        and ($7 is null or (x.started_at, x.trace_id) < ($7, $8))
      order by x.started_at desc, x.trace_id desc
      offset 0
    ) c
    where (
      select agensight_private.matches_search(t, $9, $10, $11, $12, $13, $14, $15, $16, $17, $3, $4)
      from agensight.traces t where t.project_id = $1 and t.id = c.trace_id)
    order by c.started_at desc, c.trace_id desc
    limit $18 $query$
  using project, wanted, min_duration_ms, min_cost, since, until, last_at, before, words, phrases, user_id, session_id,
    tag, metadata, model, tool, error_words, at_most;
end $$;
comment on function agensight_private.find_traces(
  uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamptz, timestamptz, integer, text) is
  'The inner step of search_traces(): which traces, in order. Finds nothing in a project that the caller may not read.';

create function agensight.search_traces(
  p_project_id uuid, p_text text default null, p_user_id text default null, p_session_id text default null,
  p_tag text default null, p_metadata jsonb default null, p_model text default null, p_tool text default null,
  p_error text default null, p_min_duration_ms double precision default null, p_min_cost numeric default null,
  p_since timestamptz default null, p_until timestamptz default null, p_limit integer default 50, p_before text default null)
  returns setof agensight.traces
  language sql stable security invoker set search_path = ''
as $$
  select t.* from agensight_private.find_traces(
    p_project_id, p_text, p_user_id, p_session_id, p_tag, p_metadata, p_model, p_tool, p_error, p_min_duration_ms,
    p_min_cost, p_since, p_until, p_limit, p_before) f
  join agensight.traces t on t.project_id = p_project_id and t.id = f.trace_id
  order by f.started_at desc, f.trace_id desc
$$;
comment on function agensight.search_traces(
  uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamptz, timestamptz, integer, text) is
  'The traces of a project that meet all conditions given, the latest first. p_text: words in its prompts and completions, in any order and case, "in quotes" next to each other; p_user_id, p_session_id, p_tag, p_model, p_tool: exactly; p_metadata: contained in that of the trace or its session; p_error: words of an error, or '''' for any error; p_min_duration_ms in milliseconds; p_min_cost in USD; p_since and p_until bound the start; p_limit from 1 to 1000; p_before: the id of the last trace of the page before. Raises PT400.';
