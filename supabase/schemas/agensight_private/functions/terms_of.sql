CREATE OR REPLACE FUNCTION agensight_private.terms_of (
  t agensight.traces
)
  RETURNS integer[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
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
end $function$;

COMMENT ON FUNCTION "agensight_private"."terms_of"(agensight.traces) IS 'All terms of a trace: the words of a thousand distinct messages, 8,000 characters of each, and its labels.';

REVOKE ALL ON FUNCTION "agensight_private"."terms_of"(agensight.traces) FROM PUBLIC;
