-- Which spans report one call of a model, and what the row of that call shows.
--
-- Spans report one call when they have the same response id, at any distance; or when one call is below the other
-- (agensight_private.call_links), began within it, at most one of them has a response id, their models agree, and
-- neither usage nor answer contradicts. With different response ids, they are different calls in any case.
--
-- The row of one of these spans stands for the call: the one that knows most, of equal ones the outermost. It shows
-- the best that any of the spans reported. The rows of the others are repeats: they name it in repeat_of and have no
-- usage and no cost, so sums over completions need no filter. So does an outer span that reports the sum of several
-- calls, or nothing but an answer around several. What the own span of a row reported, where the row shows something
-- else, is in its column "own", and is restored before the row is written again: the row is merged with reports
-- about its own span only, which makes it independent of their order.

create function agensight_private.own_response_id(response_id text, own jsonb) returns text
  language plpgsql immutable parallel safe security invoker set search_path = ''
as $$ begin return agensight_private.provider_response_id(case when own ? 'response_id' then own ->> 'response_id' else response_id end); end $$;
comment on function agensight_private.own_response_id(text, jsonb) is
  'The id of a response that the own span of a completion reported, if a provider generated it.';

create index calls_by_response on agensight.completions (agensight_private.place_key(trace_id, agensight_private.own_response_id(response_id, own)))
  where completion_index = 0 and response_id is not null;
create index repeats_by_response on agensight.completions (agensight_private.place_key(trace_id, agensight_private.own_response_id(response_id, own)))
  where completion_index = 0 and repeat_of is not null and response_id is not null;
create index repeats_by_call on agensight.completions (agensight_private.place_key(trace_id, repeat_of))
  where completion_index = 0 and repeat_of is not null;

create function agensight_private.calls_of_response(project uuid, trace text, response text) returns table (span_id text)
  language plpgsql stable security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
declare
  -- Nothing reports one call so often: such an id is a constant, as of a test double.
  most constant integer := 20;
  found text[];
begin
  found := array(
    select c.span_id from agensight.completions c
    where agensight_private.place_key(c.trace_id, agensight_private.own_response_id(c.response_id, c.own)) = agensight_private.place_key(trace, response)
      and c.completion_index = 0 and c.response_id is not null
      and (c.project_id, c.trace_id, agensight_private.own_response_id(c.response_id, c.own)) is not distinct from (project, trace, response)
    limit most + 1);
  if cardinality(found) <= most then
    return query select unnest(found);
  end if;
end $$;
comment on function agensight_private.calls_of_response(uuid, text, text) is
  'The calls of a trace with this response id; none where it is on so many that it identifies nothing.';

create function agensight_private.take_off_calls(project uuid, records jsonb, known text[]) returns void
  language plpgsql volatile security invoker
  set search_path = '' set enable_seqscan = off
as $$
begin
  update agensight.completions c
  set (role, content, parts, finish_reason, model, provider, response_id, prompt_tokens, completion_tokens, total_tokens,
       cached_tokens, cache_write_tokens, reasoning_tokens, time_to_first_token_ms, own) = (
    select r.role, r.content, r.parts, r.finish_reason, r.model, r.provider, r.response_id, r.prompt_tokens, r.completion_tokens, r.total_tokens,
      r.cached_tokens, r.cache_write_tokens, r.reasoning_tokens, r.time_to_first_token_ms, null::jsonb
    from jsonb_populate_record(c, c.own) r)
  from (
    select c.at
    from (
      select distinct r.trace_id collate "C" as trace_id, r.span_id collate "C" as span_id
      from jsonb_to_recordset(records) as r(trace_id text, span_id text)
      where r.trace_id in (select k.id from unnest(known) k(id))
    ) k
    cross join lateral (
      select c.ctid as at from agensight.completions c
      where c.project_id = project and c.trace_id = k.trace_id and c.span_id = k.span_id and c.own is not null offset 0
    ) c
  ) k
  where c.ctid = k.at;
end $$;
comment on function agensight_private.take_off_calls(uuid, jsonb, text[]) is
  'Gives the rows that completions are about to be written to, in these known traces, back what their own spans reported.';

-- Which spans report one call --------------------------------------------------------------------------------

create function agensight_private.group_calls(project uuid, trace_ids text[], span_ids text[])
  returns table (trace_id text, span_id text, place integer, call_place integer, repeat_of text)
  language plpgsql stable security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
declare
  traces text[];
  ids text[];
  froms integer[];
  tos integer[];
  outers integer[];
  parts integer[];
  up integer[];
  a integer;
  b integer;
begin
  with recursive family(trace_id, id) as (
    select u.trace_id collate "C", u.span_id collate "C" from unnest(trace_ids, span_ids) u(trace_id, span_id)
    union
    select f.trace_id, x.id collate "C"
    from family f
    -- By its key, and only then by what the columns have: partial indexes would find it by reading all of them.
    left join lateral (
      select k.repeat_of, agensight_private.own_response_id(k.response_id, k.own) as response_id from agensight.completions k
      where k.project_id = project and k.trace_id = f.trace_id and k.span_id = f.id and k.completion_index = 0 offset 0
    ) c on true
    cross join lateral (
      select l.above as id from agensight_private.call_links l
      where l.project_id = project and l.trace_id = f.trace_id and l.span_id = f.id and l.relation is not null
      union all
      select l.span_id from agensight_private.call_links l
      where agensight_private.place_key(l.trace_id, l.above) = agensight_private.place_key(f.trace_id, f.id)
        and (l.project_id, l.trace_id, l.above) is not distinct from (project, f.trace_id, f.id) and l.relation is not null
      union all
      select c.repeat_of where c.repeat_of is not null
      union all
      -- Those that were marked as its repeats, or for the response that it reports, may no longer be.
      select o.span_id from agensight.completions o
      where agensight_private.place_key(o.trace_id, o.repeat_of) = agensight_private.place_key(f.trace_id, f.id)
        and o.completion_index = 0 and o.repeat_of is not null
        and (o.project_id, o.trace_id, o.repeat_of) is not distinct from (project, f.trace_id, f.id)
      union all
      select m.span_id
      from (
        select g.span_id from agensight_private.calls_of_response(project, f.trace_id, c.response_id) g
        union all
        select o.span_id from agensight.completions o
        where agensight_private.place_key(o.trace_id, agensight_private.own_response_id(o.response_id, o.own)) = agensight_private.place_key(f.trace_id, c.response_id)
          and o.completion_index = 0 and o.repeat_of is not null and o.response_id is not null
          and (o.project_id, o.trace_id, agensight_private.own_response_id(o.response_id, o.own)) is not distinct from (project, f.trace_id, c.response_id)
      ) m
      where c.response_id is not null
    ) x
  ), calls as materialized (
    -- In the order in which they stand for a call: who knows the model, the answer, the usage; then the outer one.
    select f.trace_id, f.id, agensight_private.provider_response_id(r.response_id) as response_id,
      row_number() over (order by f.trace_id,
        (r.model is not null)::integer * 8 + (r.content is not null or r.parts is not null)::integer * 4
          + (coalesce(r.total_tokens, coalesce(r.prompt_tokens, 0) + coalesce(r.completion_tokens, 0)) > 0)::integer * 2
          + (agensight_private.provider_response_id(r.response_id) is not null)::integer desc,
        l.is_below nulls first, s.started_at, s.ended_at desc, f.id)::integer as place
    from family f
    cross join lateral (
      select r.* from agensight.completions x cross join lateral jsonb_populate_record(x, x.own) r
      where x.project_id = project and x.trace_id = f.trace_id and x.span_id = f.id and x.completion_index = 0 offset 0
    ) r
    left join lateral (
      select s.started_at, s.ended_at from agensight.spans s
      where s.project_id = project and s.trace_id = f.trace_id and s.id = f.id offset 0
    ) s on true
    left join lateral (
      select true as is_below from agensight_private.call_links l
      where l.project_id = project and l.trace_id = f.trace_id and l.span_id = f.id and not l.is_open offset 0
    ) l on true
  ), links as materialized (
    select o.place as outer_place, i.place as inner_place, l.relation
    from calls i
    cross join lateral (
      select l.above, l.relation from agensight_private.call_links l
      where l.project_id = project and l.trace_id = i.trace_id and l.span_id = i.id and l.relation is not null offset 0
    ) l
    join calls o on o.trace_id = i.trace_id and o.id = l.above
  ), edges as (
    select l.outer_place as x, l.inner_place as y from links l where l.relation = 'same'
    union all
    select c.place, m.place
    from calls c
    join (
      select c.trace_id, c.response_id, min(c.place) as place from calls c
      where c.response_id is not null group by c.trace_id, c.response_id having count(*) > 1
    ) m on m.trace_id = c.trace_id and m.response_id = c.response_id
    where c.place <> m.place and exists (select from agensight_private.calls_of_response(project, m.trace_id, m.response_id))
  )
  select (select array_agg(c.trace_id order by c.place) from calls c), (select array_agg(c.id order by c.place) from calls c),
    (select array_agg(e.x) from edges e), (select array_agg(e.y) from edges e),
    (select array_agg(l.outer_place) from links l where l.relation = 'part'), (select array_agg(l.inner_place) from links l where l.relation = 'part')
  into traces, ids, froms, tos, outers, parts;

  -- Joins the edges: each call's "up" leads to the call of its group with the least place, which stands for it.
  up := array(select generate_series(1, cardinality(ids)));
  for n in 1 .. coalesce(cardinality(froms), 0) loop
    a := froms[n];
    while up[a] <> a loop up[a] := up[up[a]]; a := up[a]; end loop;
    b := tos[n];
    while up[b] <> b loop up[b] := up[up[b]]; b := up[b]; end loop;
    up[greatest(a, b)] := least(a, b);
  end loop;
  for n in 1 .. coalesce(cardinality(ids), 0) loop
    a := n;
    while up[a] <> a loop up[a] := up[up[a]]; a := up[a]; end loop;
    up[n] := a;
  end loop;
  return query
    select t.trace_id, t.id, t.place::integer, t.top, coalesce(nullif(ids[t.top], t.id), nullif(ids[up[o.part]], t.id))
    from unnest(traces, ids, up) with ordinality t(trace_id, id, top, place)
    left join (select distinct on (o.place) o.place, o.part from unnest(outers, parts) o(place, part) order by o.place, o.part) o
      on o.place = t.place and t.top = t.place;
end $$;
comment on function agensight_private.group_calls(uuid, text[], text[]) is
  'For these calls (two lists of equal length: traces and spans), and all that are related to them, the place of the call that stands for each, and the span that it repeats.';

-- What the rows show ----------------------------------------------------------------------------------------

create function agensight_private.settle_calls(project uuid, trace_ids text[], span_ids text[]) returns integer
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
declare
  -- What counts a call in sums; a repeat shows none of it.
  uncounted constant jsonb := '{"prompt_tokens": null, "completion_tokens": null, "total_tokens": null, "cached_tokens": null, "cache_write_tokens": null, "reasoning_tokens": null}';
  changed integer;
begin
  with reports as materialized (
    select g.place, g.call_place, g.repeat_of, k.at, k.completion_index, k.was_own, k.was_repeat_of, k.raw
    from agensight_private.group_calls(project, trace_ids, span_ids) g
    cross join lateral (
      select c.ctid as at, c.completion_index, c.own as was_own, c.repeat_of as was_repeat_of, r as raw
      from agensight.completions c cross join lateral jsonb_populate_record(c, c.own) r
      where c.project_id = project and c.trace_id = g.trace_id and c.span_id = g.span_id offset 0
    ) k
  ), best as (
    select p.call_place, jsonb_build_object(
      'role',                   (array_agg(r.role order by (r.content is null and r.parts is null), p.place))[1],
      'content',                (array_agg(r.content order by (r.content is null and r.parts is null), p.place))[1],
      'parts',                  (array_agg(r.parts order by (r.content is null and r.parts is null), p.place))[1],
      'finish_reason',          (array_agg(r.finish_reason order by r.finish_reason is null, p.place))[1],
      -- The model that answered, as the provider's own client reports it, is the more exact name.
      'model',                  (array_agg(r.model order by r.model is null, agensight_private.provider_response_id(r.response_id) is null,
                                  length(regexp_replace(r.model, '^.*/', '')) desc, p.place))[1],
      'provider',               (array_agg(r.provider order by r.provider is null, p.place))[1],
      'response_id',            (array_agg(r.response_id order by agensight_private.provider_response_id(r.response_id) is null, r.response_id is null, p.place))[1],
      'time_to_first_token_ms', (array_agg(r.time_to_first_token_ms order by r.time_to_first_token_ms is null, p.place))[1],
      'prompt_tokens',      max(r.prompt_tokens),      'completion_tokens', max(r.completion_tokens), 'total_tokens',     max(r.total_tokens),
      'cached_tokens',      max(r.cached_tokens),      'cache_write_tokens', max(r.cache_write_tokens), 'reasoning_tokens', max(r.reasoning_tokens)) as fields
    from reports p cross join lateral (select (p.raw).*) r
    where p.completion_index = 0
    group by p.call_place having count(*) > 1
  ), rows as materialized (
    select p.at, p.was_own, p.was_repeat_of, p.repeat_of as now_repeat_of, s.*, (
        select jsonb_object_agg(f.key, to_jsonb(p.raw) -> f.key) from jsonb_each(x.fields) f
        where f.value is distinct from to_jsonb(p.raw) -> f.key) as now_own
    from reports p
    left join best b on b.call_place = p.place and p.completion_index = 0
    cross join lateral (select case when p.repeat_of is not null then uncounted else coalesce(b.fields, '{}') end as fields) x
    cross join lateral jsonb_populate_record(p.raw, x.fields) s
    -- Nearly all are as they should be.
    where p.repeat_of is not null or b.fields is not null or p.was_own is not null or p.was_repeat_of is not null
  )
  update agensight.completions c
  set (role, content, parts, finish_reason, model, provider, response_id, prompt_tokens, completion_tokens, total_tokens,
       cached_tokens, cache_write_tokens, reasoning_tokens, time_to_first_token_ms, own, repeat_of, cost, price_id)
    = (r.role, r.content, r.parts, r.finish_reason, r.model, r.provider, r.response_id, r.prompt_tokens, r.completion_tokens, r.total_tokens,
       r.cached_tokens, r.cache_write_tokens, r.reasoning_tokens, r.time_to_first_token_ms, r.now_own, r.now_repeat_of,
       case when r.now_repeat_of is null then c.cost end, case when r.now_repeat_of is null then c.price_id end)
  from rows r
  where c.ctid = r.at
    and ((r.was_own, r.was_repeat_of) is distinct from (r.now_own, r.now_repeat_of)
      or (c.content, c.parts, c.model, c.provider, c.response_id, c.prompt_tokens, c.completion_tokens, c.total_tokens)
        is distinct from (r.content, r.parts, r.model, r.provider, r.response_id, r.prompt_tokens, r.completion_tokens, r.total_tokens)
      or (c.role, c.finish_reason, c.cached_tokens, c.cache_write_tokens, c.reasoning_tokens, c.time_to_first_token_ms)
        is distinct from (r.role, r.finish_reason, r.cached_tokens, r.cache_write_tokens, r.reasoning_tokens, r.time_to_first_token_ms));
  get diagnostics changed = row_count;
  return changed;
end $$;
comment on function agensight_private.settle_calls(uuid, text[], text[]) is
  'Lets the rows of these calls (two lists of equal length: traces and spans), and of all that are related to them, show what all their spans reported, and marks repeats. Returns how many rows changed.';
