CREATE OR REPLACE FUNCTION agensight_private.write_message_list (
  sent agensight.message_lists
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  AS $function$
declare
  stored agensight.message_lists;
  changed bigint;
  spans text[];
  owners text[];
  ats integer[];
  news integer[] := '{}';
  own_ats integer[] := '{}';
  size integer;
  runs text[] := '{}';
  firsts integer[] := '{}';
  counts integer[] := '{}';
  run integer := 0;
begin
  select * into stored from agensight.message_lists l
  where l.project_id = sent.project_id and l.trace_id = sent.trace_id and l.span_id = sent.span_id;
  size := coalesce(cardinality(stored.hashes), 0);

  -- The call was stored before, or arrives in parts, or has two messages at one index.
  if stored.hashes is not null or cardinality(sent.indexes) > (select count(distinct i.place) from unnest(sent.indexes) i(place)) then
    with incoming as (
      select coalesce(sent.indexes[m.n], m.n - 1) as place, max(m.role collate "C") as role, max(m.content collate "C") as content,
        (array_agg(m.parts order by m.parts desc nulls last))[1] as parts, max(m.name collate "C") as name,
        max(m.tool_call_id collate "C") as tool_call_id
      from unnest(sent.hashes, sent.roles, sent.contents, sent.parts, sent.names, sent.tool_call_ids)
        with ordinality as m(hash, role, content, parts, name, tool_call_id, n)
      group by 1
    ), known as (
      select p.message_index as place, p.role, p.content, p.parts, p.name, p.tool_call_id from agensight.prompts p
      where p.project_id = sent.project_id and p.trace_id = sent.trace_id and p.span_id = sent.span_id
    ), merged as (
      select place, m.role, m.content, m.parts, m.name, m.tool_call_id,
        k.place is null or (m.role, m.content, m.parts, m.name, m.tool_call_id)
          is distinct from (k.role, k.content, k.parts, k.name, k.tool_call_id) as is_new
      from incoming s full join known k using (place)
      cross join lateral (select greatest(s.role collate "C", k.role collate "C"), greatest(s.content collate "C", k.content collate "C"),
        greatest(s.parts, k.parts), greatest(s.name collate "C", k.name collate "C"),
        greatest(s.tool_call_id collate "C", k.tool_call_id collate "C")) m(role, content, parts, name, tool_call_id)
    )
    select count(*) filter (where m.is_new), array_agg(hashtext(coalesce(m.content, m.parts::text, '')) order by m.place),
      array_agg(m.role order by m.place), array_agg(m.content order by m.place), array_agg(m.parts order by m.place),
      array_agg(m.name order by m.place), array_agg(m.tool_call_id order by m.place),
      case when min(m.place) < 0 or max(m.place) >= count(*) then array_agg(m.place order by m.place) end
    into changed, sent.hashes, sent.roles, sent.contents, sent.parts, sent.names, sent.tool_call_ids, sent.indexes
    from merged m;
    if changed = 0 then
      return;
    end if;
  end if;

  -- Where each message is stored already: by a call of the trace, or earlier in this one.
  spans := array(
    select distinct l.span_id from agensight.message_lists l cross join lateral unnest(l.hashes) h(hash)
    where l.project_id = sent.project_id and l.trace_id = sent.trace_id
      and (h.hash in (select s.hash from unnest(sent.hashes) s(hash))) is true);
  with incoming as materialized (
    select * from unnest(sent.hashes, sent.roles, sent.contents, sent.parts, sent.names, sent.tool_call_ids)
      with ordinality as m(hash, role, content, parts, name, tool_call_id, n)
  ), stored_messages as (
    select l.span_id, b.at, b.hash, b.role, b.content, b.parts, b.name, b.tool_call_id
    from agensight.message_lists l
    cross join lateral unnest(l.hashes, l.roles, l.contents, l.parts, l.names, l.tool_call_ids)
      with ordinality as b(hash, role, content, parts, name, tool_call_id, at)
    where l.project_id = sent.project_id and l.trace_id = sent.trace_id and l.span_id = any (spans)
    union all
    select null, m.n, m.hash, m.role, m.content, m.parts, m.name, m.tool_call_id from incoming m
  )
  select array_agg(f.span_id order by f.n), array_agg(f.at order by f.n) into owners, ats
  from (
    select distinct on (m.n) m.n, s.span_id, s.at
    from incoming m
    join stored_messages s on s.hash = m.hash
      and (s.role, s.content, s.parts, s.name, s.tool_call_id) is not distinct from (m.role, m.content, m.parts, m.name, m.tool_call_id)
    order by m.n, s.span_id, s.at
  ) f;

  for n in 1 .. cardinality(owners) loop
    if owners[n] is null then
      if ats[n] = n then
        news := news || n;
        own_ats[n] := size + cardinality(news);
      end if;
      owners[n] := sent.span_id;
      ats[n] := own_ats[ats[n]];
    end if;
    if run > 0 and owners[n] = owners[n - 1] and ats[n] = ats[n - 1] + 1 then
      counts[run] := counts[run] + 1;
    else
      run := run + 1;
      runs[run] := owners[n];
      firsts[run] := ats[n];
      counts[run] := 1;
    end if;
  end loop;
  if runs = array[sent.span_id] and firsts = array[1] and counts = array[size + cardinality(news)] then
    runs := null;
    firsts := null;
    counts := null;
  end if;

  insert into agensight.message_lists (project_id, trace_id, span_id, hashes, roles, contents, parts, names, tool_call_ids,
    owners, firsts, counts, indexes)
  select sent.project_id, sent.trace_id, sent.span_id, coalesce(array_agg(o.hash order by o.at), '{}'),
    case when count(o.role) > 0 then array_agg(o.role order by o.at) end,
    case when count(o.content) > 0 then array_agg(o.content order by o.at) end,
    case when count(o.parts) > 0 then array_agg(o.parts order by o.at) end,
    case when count(o.name) > 0 then array_agg(o.name order by o.at) end,
    case when count(o.tool_call_id) > 0 then array_agg(o.tool_call_id order by o.at) end,
    runs, firsts, counts, sent.indexes
  from (
    select b.* from unnest(stored.hashes, stored.roles, stored.contents, stored.parts, stored.names, stored.tool_call_ids)
      with ordinality as b(hash, role, content, parts, name, tool_call_id, at)
    union all
    select m.hash, m.role, m.content, m.parts, m.name, m.tool_call_id, size + m.n
    from unnest(sent.hashes, sent.roles, sent.contents, sent.parts, sent.names, sent.tool_call_ids)
      with ordinality as m(hash, role, content, parts, name, tool_call_id, n)
    where m.n = any (news)
  ) o
  on conflict (project_id, trace_id, span_id) do update
  set (hashes, roles, contents, parts, names, tool_call_ids, owners, firsts, counts, indexes) =
    (excluded.hashes, excluded.roles, excluded.contents, excluded.parts, excluded.names, excluded.tool_call_ids,
     excluded.owners, excluded.firsts, excluded.counts, excluded.indexes);
end $function$;

COMMENT ON FUNCTION "agensight_private"."write_message_list"(agensight.message_lists) IS 'Writes the messages of a call, given as if all were new, into a trace in which some may be stored. The trace must be locked.';

REVOKE ALL ON FUNCTION "agensight_private"."write_message_list"(agensight.message_lists) FROM PUBLIC;
