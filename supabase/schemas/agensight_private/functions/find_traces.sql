CREATE OR REPLACE FUNCTION agensight_private.find_traces (
  project         uuid,
  body            text,
  user_id         text,
  session_id      text,
  tag             text,
  metadata        jsonb,
  model           text,
  tool            text,
  error           text,
  min_duration_ms double precision,
  min_cost        numeric,
  since           timestamp with time zone,
  until           timestamp with time zone,
  at_most         integer,
  before          text
)
  RETURNS TABLE (
    trace_id   text,
    started_at timestamp with time zone
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
end $function$;

GRANT EXECUTE
  ON FUNCTION "agensight_private"."find_traces"(uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamp WITH time zone, timestamp
    WITH time zone, integer, text)
  TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."find_traces"(uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamp with time zone, timestamp
  with time zone, integer, text) IS 'The inner step of search_traces(): which traces, in order. Finds nothing in a project that the caller may not read.';

REVOKE ALL
  ON FUNCTION "agensight_private"."find_traces"(uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamp WITH time zone, timestamp
    WITH time zone, integer, text)
  FROM PUBLIC;
