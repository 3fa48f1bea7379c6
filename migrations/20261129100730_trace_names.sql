-- What a trace is called until its root arrives, or if it never does.
--
-- The root names its trace. Until then, and in a trace that lost its root, the name is that of the top above its
-- earliest span, as far as spans with names are stored. In merge_state, such a name is older than any other (age -2),
-- so whatever names the trace replaces it, and "named_by" has what it was found by: the start of the earliest span,
-- its id, and the ids of the spans above it, the last of which may be missing. So a batch that brings none of these
-- and no earlier span reads nothing more.

create function agensight_private.name_above(project uuid, trace text, span text)
  returns table (name text, ids text[])
  language plpgsql stable security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
declare
  -- Deeper spans have the name of the span that is so far above.
  most constant integer := 100;
  at record;
begin
  ids := '{}';
  while span is not null and span <> all (ids) and cardinality(ids) < most loop
    ids := ids || span;
    select s.name, s.parent_id into at
    from agensight.spans s
    where s.project_id = project and s.trace_id = trace and s.id = span;
    exit when not found;
    name := coalesce(at.name, name);
    span := at.parent_id;
  end loop;
  return next;
end $$;
comment on function agensight_private.name_above(uuid, text, text) is
  'The name of the top above a span, or of the highest that has one, and the spans on the way, also the missing one at its end.';

create function agensight_private.name_traces(project uuid, traces jsonb, spans jsonb) returns void
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
declare
  unnamed constant text[] := array(
    select r.id from jsonb_to_recordset(traces) as r(id text, name text)
    where r.name is null);
  trace record;
  first text[] collate "C";
  watched text[];
begin
  if unnamed = '{}' then
    return;
  end if;
  for trace in
    select t.id, t.merge_state -> 'named_by' as named_by, n.ids, n.first
    from (
      select
        s.trace_id,
        array_agg(s.id) as ids,
        min(array[s.start, s.id] collate "C") filter (where s.name is not null) as first
      from (
        select distinct r.trace_id collate "C" as trace_id, r.id collate "C" as id
        from jsonb_to_recordset(spans) as r(trace_id text, id text)
        where r.trace_id in (select u.id from unnest(unnamed) u(id))
      ) k
      cross join lateral (
        select
          s.trace_id, s.id, s.name,
          coalesce(to_char(s.started_at, 'YYYYMMDDHH24MISSUS'), 'unknown') as start
        from agensight.spans s
        where s.project_id = project and s.trace_id = k.trace_id and s.id = k.id offset 0
      ) s
      group by s.trace_id
    ) n
    cross join lateral (
      select t.id, t.name, t.merge_state
      from agensight.traces t
      where t.project_id = project and t.id = n.trace_id offset 0
    ) t
    where t.name is null or t.merge_state -> 'name' = '-2'
    order by t.id
  loop
    watched := array(select jsonb_array_elements_text(trace.named_by));
    first := trace.first;
    if watched <> '{}' and (first is null or watched[1:2] collate "C" < first) then
      first := watched[1:2];
    end if;
    continue when first is null;
    continue when watched <> '{}'
      and first is distinct from trace.first
      and not trace.ids && watched[2:];
    update agensight.traces t
    set name = above.name,
        merge_state = coalesce(t.merge_state, '{}')
          || jsonb_build_object('name', -2, 'named_by', to_jsonb(first[1] || above.ids))
    from agensight_private.name_above(project, trace.id, first[2]) above
    where t.project_id = project and t.id = trace.id;
  end loop;
end $$;
comment on function agensight_private.name_traces(uuid, jsonb, jsonb) is
  'Names these traces, where nothing else does, by what their spans are, of which the given ones were just written. The rows of the traces must be locked.';
