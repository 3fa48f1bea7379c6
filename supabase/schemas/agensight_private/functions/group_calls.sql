CREATE OR REPLACE FUNCTION agensight_private.group_calls (
  project   uuid,
  trace_ids text[],
  span_ids  text[]
)
  RETURNS TABLE (
    trace_id   text,
    span_id    text,
    place      integer,
    call_place integer,
    repeat_of  text
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
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
    select u.trace_id collate "C", u.span_id collate "C"
    from unnest(trace_ids, span_ids) u(trace_id, span_id)
    union
    select f.trace_id, x.id collate "C"
    from family f
    -- By its key, and only then by what the columns have: partial indexes would find it by reading all of them.
    left join lateral (
      select k.repeat_of, agensight_private.own_response_id(k.response_id, k.own) as response_id
      from agensight.completions k
      where k.project_id = project
        and k.trace_id = f.trace_id
        and k.span_id = f.id
        and k.completion_index = 0
      offset 0
    ) c on true
    cross join lateral (
      select l.above as id from agensight_private.call_links l
      where l.project_id = project
        and l.trace_id = f.trace_id
        and l.span_id = f.id
        and l.relation is not null
      union all
      select l.span_id from agensight_private.call_links l
      where agensight_private.place_key(l.trace_id, l.above) =
        agensight_private.place_key(f.trace_id, f.id)
        and (l.project_id, l.trace_id, l.above) is not distinct from (project, f.trace_id, f.id)
        and l.relation is not null
      union all
      select c.repeat_of where c.repeat_of is not null
      union all
      -- Those that were marked as its repeats, or for the response that it reports, may no longer be.
      select o.span_id from agensight.completions o
      where agensight_private.place_key(o.trace_id, o.repeat_of) =
        agensight_private.place_key(f.trace_id, f.id)
        and o.completion_index = 0 and o.repeat_of is not null
        and (o.project_id, o.trace_id, o.repeat_of) is not distinct from (project, f.trace_id, f.id)
      union all
      select m.span_id
      from (
        select g.span_id
        from agensight_private.calls_of_response(project, f.trace_id, c.response_id) g
        union all
        select o.span_id from agensight.completions o
        where agensight_private.place_key(o.trace_id, agensight_private.own_response_id(o.response_id, o.own)) =
          agensight_private.place_key(f.trace_id, c.response_id)
          and o.completion_index = 0 and o.repeat_of is not null and o.response_id is not null
          and (o.project_id, o.trace_id, agensight_private.own_response_id(o.response_id, o.own))
            is not distinct from (project, f.trace_id, c.response_id)
      ) m
      where c.response_id is not null
    ) x
  ), calls as materialized (
    -- In the order in which they stand for a call: who knows the model, the answer, the usage; then the outer one.
    select
      f.trace_id, f.id, agensight_private.provider_response_id(r.response_id) as response_id,
      row_number() over (order by
        f.trace_id,
        (r.model is not null)::integer * 8
          + (r.content is not null or r.parts is not null)::integer * 4
          + (coalesce(r.total_tokens, coalesce(r.prompt_tokens, 0) + coalesce(r.completion_tokens, 0)) > 0)::integer * 2
          + (agensight_private.provider_response_id(r.response_id) is not null)::integer desc,
        l.is_below nulls first,
        s.started_at,
        s.ended_at desc,
        f.id)::integer as place
    from family f
    cross join lateral (
      select r.*
      from agensight.completions x
      cross join lateral jsonb_populate_record(x, x.own) r
      where x.project_id = project
        and x.trace_id = f.trace_id
        and x.span_id = f.id
        and x.completion_index = 0
      offset 0
    ) r
    left join lateral (
      select s.started_at, s.ended_at from agensight.spans s
      where s.project_id = project and s.trace_id = f.trace_id and s.id = f.id offset 0
    ) s on true
    left join lateral (
      select true as is_below from agensight_private.call_links l
      where l.project_id = project
        and l.trace_id = f.trace_id
        and l.span_id = f.id
        and not l.is_open
      offset 0
    ) l on true
  ), links as materialized (
    select o.place as outer_place, i.place as inner_place, l.relation
    from calls i
    cross join lateral (
      select l.above, l.relation from agensight_private.call_links l
      where l.project_id = project
        and l.trace_id = i.trace_id
        and l.span_id = i.id
        and l.relation is not null
      offset 0
    ) l
    join calls o on o.trace_id = i.trace_id and o.id = l.above
  ), edges as (
    select l.outer_place as x, l.inner_place as y
    from links l
    where l.relation = 'same'
    union all
    select c.place, m.place
    from calls c
    join (
      select c.trace_id, c.response_id, min(c.place) as place from calls c
      where c.response_id is not null
      group by c.trace_id, c.response_id
      having count(*) > 1
    ) m on m.trace_id = c.trace_id and m.response_id = c.response_id
    where c.place <> m.place
      and exists (
        select from agensight_private.calls_of_response(project, m.trace_id, m.response_id)
      )
  )
  select
    (select array_agg(c.trace_id order by c.place) from calls c),
    (select array_agg(c.id order by c.place) from calls c),
    (select array_agg(e.x) from edges e), (select array_agg(e.y) from edges e),
    (select array_agg(l.outer_place) from links l where l.relation = 'part'),
    (select array_agg(l.inner_place) from links l where l.relation = 'part')
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
    select
      t.trace_id, t.id,
      t.place::integer,
      t.top,
      coalesce(nullif(ids[t.top], t.id), nullif(ids[up[o.part]], t.id))
    from unnest(traces, ids, up) with ordinality t(trace_id, id, top, place)
    left join (
      select distinct on (o.place) o.place, o.part
      from unnest(outers, parts) o(place, part)
      order by o.place, o.part
    ) o
      on o.place = t.place and t.top = t.place;
end $function$;

COMMENT ON FUNCTION "agensight_private"."group_calls"(uuid, text[], text[]) IS 'For these calls (two lists of equal length: traces and spans), and all that are related to them, the place of the call that stands for each, and the span that it repeats.';

REVOKE ALL ON FUNCTION "agensight_private"."group_calls"(uuid, text[], text[]) FROM PUBLIC;
