-- One call that is reported by two spans is counted once.
--
-- A client library and the instrumentation around it both trace a call; a client copies the usage of
-- calls onto the functions around them. Where both spans arrive in one request, the converters mark the
-- repeat (wire/genai/rows). Here it is marked for spans that arrive one by one, in any order: the marks
-- are a function of the rows alone, computed again for a family of calls whenever one of its rows
-- changes. A family is calls that are directly below one another: LLM spans with an answer each.
--
-- Calls below calls are also real: a guardrail inside a stream, a tool that calls a model. So being below
-- is no evidence. It takes one of these:
--   1. both have the same response id. (With different ones, they are different calls in any case.)
--   2. at most one of them has a response id, both have the same model and the same usage, prompt and
--      completion, and the inner ran within the outer. Of several such below one span, the first: a
--      call has one usage, and the others only look like it.
--   3. an outer without a response id, whose usage is the exact sum of the calls directly below it, all
--      within it; either it has no model, as a function onto which usage was copied, or there are two or
--      more with usage of their own.
-- By 1 and 2 the inner repeats the outermost of its kind, unless only the inner has the usage: then the
-- outer repeats the inner. By 3 the outer repeats the first of the calls below, which keep their own.
-- A span that is its own ancestor repeats nothing, and the search upwards ends after eight levels.

create function agensight_private.call_family(project uuid, trace text, members text[])
  returns table (
    id text, parent_id text, is_call boolean, started_at timestamptz, ended_at timestamptz, model text, response_id text,
    prompt bigint, completion bigint, total bigint)
  language plpgsql stable security invoker
  -- Plans are made once for a connection, perhaps while the tables are small: rows are found by their
  -- keys whatever the planner estimates.
  set search_path = '' set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
  return query
  with recursive up(id) as (
    select unnest(members) collate "C"
    union
    select p.id
    from up
    join agensight.spans s on s.project_id = project and s.trace_id = trace and s.id = up.id and s.kind = 'llm'
    join agensight.spans p on p.project_id = project and p.trace_id = trace and p.id = s.parent_id and p.kind = 'llm'
    join agensight.completions c on c.project_id = project and c.trace_id = trace and c.span_id = p.id and c.completion_index = 0
  ), down(id) as (
    select up.id from up
    union
    select s.id
    from down
    join agensight.spans s on s.project_id = project and s.trace_id = trace and s.parent_id = down.id and s.kind = 'llm'
    join agensight.completions c on c.project_id = project and c.trace_id = trace and c.span_id = s.id and c.completion_index = 0
  )
  select down.id, s.parent_id, s.id is not null and c.span_id is not null, s.started_at, s.ended_at, c.model, c.response_id,
         c.prompt_tokens, c.completion_tokens, coalesce(c.total_tokens, c.prompt_tokens + c.completion_tokens, 0)
  from down
  left join agensight.spans s on s.project_id = project and s.trace_id = trace and s.id = down.id and s.kind = 'llm'
  left join agensight.completions c on c.project_id = project and c.trace_id = trace and c.span_id = down.id and c.completion_index = 0;
end $$;
comment on function agensight_private.call_family(uuid, text, text[]) is
  'These spans, and all calls of the trace above or below them without a gap, with the columns that they are compared by.';

create function agensight_private.find_repeats(project uuid, trace text, members text[])
  returns table (span_id text, repeat_of text)
  language plpgsql stable security invoker set search_path = ''
as $$
declare
  -- Tolerance for clocks of one process that are read with different precision.
  slack constant interval := '5 milliseconds';
begin
  return query
  with recursive family as materialized (
    select * from agensight_private.call_family(project, trace, members)
  ), calls as materialized (
    select f.*, agensight_private.model_names(f.model) as names from family f where f.is_call
  ), lines(id, above, path) as (
    select c.id, c.parent_id, array[c.id] from calls c
    union all
    select l.id, p.parent_id, l.path || p.id
    from lines l
    join calls p on p.id = l.above
    where p.id <> all (l.path) and cardinality(l.path) <= 8
  ), looped as materialized (
    select distinct l.id from lines l where l.above = l.id
  ), pairs as materialized (
    -- An outer and an inner call, their distance, and the evidence that they are one.
    select o.id as outer_id, i.id as inner_id, i.started_at as inner_started_at, cardinality(l.path) - 1 as depth,
           o.total > 0 as outer_has_usage, i.total > 0 as inner_has_usage,
           coalesce(o.response_id = i.response_id, false) as by_response,
           coalesce((o.response_id is null or i.response_id is null) and o.names && i.names
             and o.prompt = i.prompt and o.completion = i.completion and o.prompt + o.completion > 0
             and i.started_at >= o.started_at - slack and i.ended_at <= o.ended_at + slack, false) as by_usage
    from lines l
    join calls i on i.id = l.id
    join calls o on o.id = l.path[cardinality(l.path)]
    where cardinality(l.path) > 1 and i.id not in (select x.id from looped x)
  ), ones as materialized (
    select p.* from (
      select p.*, bool_or(p.by_response) over (partition by p.outer_id, p.depth) as is_named,
             row_number() over (partition by p.outer_id, p.depth, p.by_usage order by p.inner_started_at, p.inner_id collate "C") as place
      from pairs p
    ) p
    where p.by_response or (p.by_usage and p.place = 1 and not p.is_named)
  ), inner_repeats as materialized (
    select distinct on (p.inner_id) p.inner_id as id, p.outer_id as other
    from ones p
    where p.outer_has_usage or not p.inner_has_usage
    order by p.inner_id, p.depth desc
  ), outer_repeats as (
    select distinct on (p.outer_id) p.outer_id as id, p.inner_id as other
    from ones p
    where p.by_response and p.depth = 1 and not p.outer_has_usage and p.inner_has_usage
    order by p.outer_id, p.inner_started_at, p.inner_id collate "C"
  ), sums as (
    select o.id, (array_agg(i.id order by i.started_at, i.id collate "C"))[1] as other
    from calls o
    join calls i on i.parent_id = o.id
    where o.response_id is null and o.total > 0
      and o.id not in (select x.id from looped x) and o.id not in (select r.other from inner_repeats r)
    group by o.id, o.model, o.prompt, o.completion, o.total, o.started_at, o.ended_at
    having sum(i.total) = o.total
      and bool_and(coalesce(i.started_at >= o.started_at - slack and i.ended_at <= o.ended_at + slack, false))
      and case when o.model is null
        then (o.prompt is null or sum(i.prompt) = o.prompt) and (o.completion is null or sum(i.completion) = o.completion)
        else sum(i.prompt) = o.prompt and sum(i.completion) = o.completion and count(*) filter (where i.total > 0) > 1 end
  )
  select f.id, coalesce(a.other, b.other, c.other)
  from family f
  left join inner_repeats a on a.id = f.id
  left join outer_repeats b on b.id = f.id
  left join sums c on c.id = f.id;
end $$;
comment on function agensight_private.find_repeats(uuid, text, text[]) is
  'For each span of the family of these spans the span whose call it repeats; null for a call of its own.';

create function agensight_private.mark_repeats(project uuid, traces text[], span_ids text[]) returns integer
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  trace text;
  members text[];
  freed text[];
  marked integer;
  changed integer := 0;
begin
  for trace, members in
    select k.trace_id, array_agg(distinct k.span_id)
    from unnest(traces, span_ids) k(trace_id, span_id) where k.span_id is not null
    group by k.trace_id order by k.trace_id
  loop
    with marks as materialized (
      select r.span_id, r.repeat_of from agensight_private.find_repeats(project, trace, members) r
    ), changes as (
      -- The cost is on the call that is counted instead.
      update agensight.completions c
      set repeat_of = m.repeat_of,
          cost = case when m.repeat_of is null then c.cost end,
          price_id = case when m.repeat_of is null then c.price_id end
      from marks m
      where c.project_id = project and c.trace_id = trace and c.span_id = m.span_id and c.repeat_of is distinct from m.repeat_of
      returning c.span_id, m.repeat_of
    )
    select array_agg(distinct c.span_id) filter (where c.repeat_of is null), count(*) into freed, marked from changes c;
    changed := changed + marked;
    if freed is not null then
      perform agensight_private.price_calls(project, array_fill(trace, array[cardinality(freed)]), freed);
    end if;
  end loop;
  return changed;
end $$;
comment on function agensight_private.mark_repeats(uuid, text[], text[]) is
  'Marks the calls of the families of these spans (two lists of equal length: traces and spans) that repeat another span''s. Returns how many rows changed.';

-- Triggers -----------------------------------------------------------------------------------------
--
-- ingest() holds the rows of the traces when these run, so two writers see each other's spans.

create function agensight_private.mark_inserted_calls() returns trigger
  language plpgsql volatile security definer
  set search_path = '' set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  tiers constant text[] := agensight_private.service_tier_keys();
  -- Calls that began since then were priced right by the prices of today.
  prices_changed_at constant timestamptz := greatest(
    (select max(p.valid_from) from agensight.prices p where p.valid_from <= now()),
    (select max(p.valid_until) from agensight.prices p where p.valid_until <= now()));
  begun constant text[] := agensight_private.new_traces();
  project uuid;
  traces text[];
  span_ids text[];
  priced_traces text[];
  priced_span_ids text[];
begin
  -- Nearly every call is alone, which costs one lookup of its span, and one of the span above for all calls of
  -- a parent; a lookup below is for traces that existed before: within a statement the inner call finds the outer.
  for project, traces, span_ids, priced_traces, priced_span_ids in
    with written as materialized (
      select n.project_id, n.trace_id, n.span_id, n.completion_index, s.parent_id, s.kind = 'llm' as is_llm,
        n.total_tokens > 0 and n.model is not null and (n.cost is null or s.started_at < prices_changed_at or s.attributes ?| tiers) as is_special
      from new_rows n
      left join agensight.spans s on s.project_id = n.project_id and s.trace_id = n.trace_id and s.id = n.span_id
    ), outer_calls as materialized (
      -- Looked up one by one, not joined: a plan that was made for small tables may read all of them.
      select k.project_id, k.trace_id, k.parent_id
      from (select distinct w.project_id, w.trace_id, w.parent_id from written w where w.completion_index = 0 and w.is_llm) k
      where (
          select true from agensight.completions c
          where c.project_id = k.project_id and c.trace_id = k.trace_id and c.span_id = k.parent_id and c.completion_index = 0)
        and (
          select p.kind = 'llm' from agensight.spans p
          where p.project_id = k.project_id and p.trace_id = k.trace_id and p.id = k.parent_id)
    )
    select c.project_id, array_agg(c.trace_id) filter (where c.is_nested), array_agg(c.span_id) filter (where c.is_nested),
           array_agg(c.trace_id) filter (where c.is_special), array_agg(c.span_id) filter (where c.is_special)
    from (
      select w.project_id, w.trace_id, w.span_id, w.is_special,
        w.completion_index = 0 and (
          (w.is_llm and (w.project_id, w.trace_id, w.parent_id) in (select o.project_id, o.trace_id, o.parent_id from outer_calls o))
          or ((w.trace_id in (select b.id from unnest(begun) b(id))) is not true and (
            select true from agensight.spans b
            join agensight.completions c on c.project_id = b.project_id and c.trace_id = b.trace_id and c.span_id = b.id and c.completion_index = 0
            where b.project_id = w.project_id and b.trace_id = w.trace_id and b.parent_id = w.span_id and b.kind = 'llm' limit 1))) as is_nested
      from written w
    ) c
    where c.is_nested or c.is_special
    group by c.project_id
  loop
    if traces is not null then
      perform agensight_private.mark_repeats(project, traces, span_ids);
    end if;
    if priced_traces is not null then
      perform agensight_private.price_calls(project, priced_traces, priced_span_ids);
    end if;
  end loop;
  return null;
end $$;
comment on function agensight_private.mark_inserted_calls() is
  'Marks the calls that a statement inserted and that repeat another span''s, and prices those to which today''s standard prices do not apply.';

create function agensight_private.mark_changed_calls() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  project uuid;
  traces text[];
  span_ids text[];
begin
  if not exists (select from new_rows) then return null; end if;
  for project, traces, span_ids in
    select project_id, array_agg(trace_id), array_agg(span_id)
    from (
      select project_id, trace_id, span_id, completion_index, model, provider, response_id, prompt_tokens, completion_tokens,
             total_tokens, cached_tokens, cache_write_tokens from new_rows
      except
      select project_id, trace_id, span_id, completion_index, model, provider, response_id, prompt_tokens, completion_tokens,
             total_tokens, cached_tokens, cache_write_tokens from old_rows
    ) n
    group by project_id
  loop
    perform agensight_private.mark_repeats(project, traces, span_ids);
    perform agensight_private.price_calls(project, traces, span_ids);
  end loop;
  return null;
end $$;
comment on function agensight_private.mark_changed_calls() is
  'Marks and prices the calls of which a statement changed a column that they are compared or priced by.';

create function agensight_private.mark_inserted_spans() returns trigger
  language plpgsql volatile security definer
  set search_path = '' set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  project uuid;
  traces text[];
  span_ids text[];
begin
  -- Only where the completion arrived before its span, and was priced without the time of the call.
  if not exists (
      select from (
        select distinct n.project_id, n.trace_id from new_rows n
        where (n.trace_id in (select b.id from unnest(agensight_private.new_traces()) b(id))) is not true
      ) t
      where (select true from agensight.completions c where c.project_id = t.project_id and c.trace_id = t.trace_id limit 1)) then
    return null;
  end if;
  for project, traces, span_ids in
    select n.project_id, array_agg(n.trace_id), array_agg(n.id) from new_rows n
    where (
      select true from agensight.completions c
      where c.project_id = n.project_id and c.trace_id = n.trace_id and c.span_id = n.id limit 1)
    group by n.project_id
  loop
    perform agensight_private.mark_repeats(project, traces, span_ids);
    perform agensight_private.price_calls(project, traces, span_ids);
  end loop;
  return null;
end $$;
comment on function agensight_private.mark_inserted_spans() is 'Marks and prices the calls that were stored before their spans.';

create function agensight_private.mark_changed_spans() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  project uuid;
  traces text[];
  span_ids text[];
  parents text[];
begin
  if not exists (select from new_rows) then return null; end if;
  for project, traces, span_ids, parents in
    with changed as materialized (
      (select project_id, trace_id, id, parent_id, kind, started_at, ended_at, attributes from new_rows
       except
       select project_id, trace_id, id, parent_id, kind, started_at, ended_at, attributes from old_rows)
      union all
      (select project_id, trace_id, id, parent_id, kind, started_at, ended_at, attributes from old_rows
       except
       select project_id, trace_id, id, parent_id, kind, started_at, ended_at, attributes from new_rows)
    )
    select c.project_id, array_agg(c.trace_id), array_agg(c.id), array_agg(c.parent_id)
    from changed c
    where (
      select true from agensight.completions k
      where k.project_id = c.project_id and k.trace_id = c.trace_id and k.span_id = c.id limit 1)
    group by c.project_id
  loop
    -- The marks may change at the old place of a span and at its new one.
    perform agensight_private.mark_repeats(project, traces || traces, span_ids || parents);
    perform agensight_private.price_calls(project, traces, span_ids);
  end loop;
  return null;
end $$;
comment on function agensight_private.mark_changed_spans() is
  'Marks and prices the calls whose spans a statement moved, or changed in their times, kind or attributes.';

create trigger repeats_marked_on_insert after insert on agensight.completions
  referencing new table as new_rows for each statement execute function agensight_private.mark_inserted_calls();
create trigger repeats_marked_on_update after update on agensight.completions
  referencing old table as old_rows new table as new_rows for each statement execute function agensight_private.mark_changed_calls();
create trigger repeats_marked_on_insert after insert on agensight.spans
  referencing new table as new_rows for each statement execute function agensight_private.mark_inserted_spans();
create trigger repeats_marked_on_update after update on agensight.spans
  referencing old table as old_rows new table as new_rows for each statement execute function agensight_private.mark_changed_spans();
