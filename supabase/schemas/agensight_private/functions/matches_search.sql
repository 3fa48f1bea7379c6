CREATE OR REPLACE FUNCTION agensight_private.matches_search (
  t               agensight.traces,
  words           text[],
  phrases         text[],
  user_id         text,
  session_id      text,
  tag             text,
  metadata        jsonb,
  model           text,
  tool            text,
  error_words     text[],
  min_duration_ms double precision,
  min_cost        numeric
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
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
end $function$;

COMMENT ON FUNCTION "agensight_private"."matches_search"(agensight.traces, text[], text[], text, text, text, jsonb, text, text, text[], double precision, numeric) IS
  'Whether the present rows of a trace meet all conditions; null is no condition.';

REVOKE ALL ON FUNCTION "agensight_private"."matches_search"(agensight.traces, text[], text[], text, text, text, jsonb, text, text, text[], double precision, numeric) FROM PUBLIC;
