-- Relating the calls of a batch: at its end, when all its rows are written and the traces are still locked.

create function agensight_private.survey_spans(batch jsonb, out nested text[], out are_ordinary boolean)
  language plpgsql stable security invoker set search_path = ''
as $$
declare
  tiers constant text[] := agensight_private.service_tier_keys();
  prices_changed_at constant timestamptz := agensight_private.prices_changed_at();
begin
  select
    coalesce(array_agg(s.trace_id) filter (where s.is_nested), '{}'),
    coalesce(not bool_or(s.is_odd), true)
  into nested, are_ordinary
  from (
    select
      s.trace_id,
      -- Below a call, or below a span that is not in the batch. "not in" reads the list of the others once.
      bool_or(s.parent_id is not null and (s.trace_id, s.parent_id) not in (
        select p.trace_id, p.id
        from jsonb_to_recordset(batch -> 'spans') as p(trace_id text, id text, kind text)
        where p.trace_id is not null
          and p.id is not null
          and coalesce(p.kind not in ('llm', 'embedding'), true)
          and (coalesce(p.kind <> 'agent', true) or (p.trace_id, p.id) not in (
            select c.trace_id, c.span_id
            from jsonb_to_recordset(batch -> 'completions') as c(trace_id text, span_id text)
            where c.trace_id is not null and c.span_id is not null))
      )) as is_nested,
      bool_or(s.started_at < prices_changed_at or s.attributes ?| tiers) as is_odd
    from jsonb_to_recordset(batch -> 'spans')
      as s(trace_id text, parent_id text, started_at timestamptz, attributes jsonb)
    group by s.trace_id
  ) s;
end $$;
comment on function agensight_private.survey_spans(jsonb) is
  'nested: the traces of a batch with a span below a call or below a span that the batch does not have; in any other trace of which all is in the batch, no call is below another. are_ordinary: whether to all spans the prices of today and of the standard tier apply.';

create function agensight_private.relate_calls(project uuid, batch jsonb, known text[], nested text[]) returns jsonb
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
declare
  moved text[] := coalesce(nullif(current_setting('agensight.moved_traces', true), ''), '{}');
  twins jsonb;
  trace_ids text[];
  span_ids text[];
  known_traces text[];
  known_spans text[];
  outer_traces text[];
  outers text[];
  seed_traces text[];
  seeds text[];
begin
  nested := known || nested;
  if nested <> '{}' then
    select array_agg(k.trace_id), array_agg(k.span_id) into trace_ids, span_ids
    from (
      select distinct r.trace_id, r.span_id
      from jsonb_to_recordset(batch -> 'completions') as r(trace_id text, span_id text)
      where r.trace_id in (select n.id from unnest(nested) n(id))
    ) k;
  end if;
  if known <> '{}' then
    -- Agents that report a call after all, which ended the way up of the calls below them.
    moved := moved || array(
      select distinct k.trace_id
      from (
        select u.trace_id collate "C" as trace_id, u.span_id collate "C" as span_id
        from unnest(trace_ids, span_ids) u(trace_id, span_id)
        where u.trace_id in (select n.id from unnest(known) n(id))
        except
        select s.trace_id, s.id
        from jsonb_to_recordset(batch -> 'spans') as s(trace_id text, id text)
      ) k
      cross join lateral (
        select s.kind from agensight.spans s
        where s.project_id = project and s.trace_id = k.trace_id and s.id = k.span_id offset 0
      ) s
      where s.kind = 'agent');
    -- Also calls whose span arrived after its answer, and calls whose way up was missing one of these spans.
    select array_agg(k.trace_id), array_agg(k.span_id) into trace_ids, span_ids
    from (
      select u.trace_id collate "C" as trace_id, u.span_id collate "C" as span_id
      from unnest(trace_ids, span_ids) u(trace_id, span_id)
      union
      select x.trace_id, x.span_id
      from (
        select s.trace_id, s.id
        from jsonb_to_recordset(batch -> 'spans') as s(trace_id text, id text)
        where s.trace_id in (select k.id from unnest(known) k(id))
      ) s
      cross join lateral (
        select c.trace_id, c.span_id from agensight.completions c
        where c.project_id = project
          and c.trace_id = s.trace_id
          and c.span_id = s.id
          and c.completion_index = 0
        union all
        select l.trace_id, l.span_id from agensight_private.call_links l
        where agensight_private.place_key(l.trace_id, l.above) =
          agensight_private.place_key(s.trace_id, s.id)
          and (l.project_id, l.trace_id, l.above) is not distinct from (project, s.trace_id, s.id)
          and l.is_open
      ) x
      union
      -- And all calls of a trace in which a span got another parent or kind.
      select c.trace_id, c.span_id from agensight.completions c
      where moved <> '{}'
        and c.project_id = project
        and c.trace_id = any (moved)
        and c.completion_index = 0
    ) k;
  end if;
  if trace_ids is not null then
    select array_agg(l.trace_id), array_agg(l.above), array_agg(l.trace_id), array_agg(l.span_id)
    into outer_traces, outers, seed_traces, seeds
    from agensight_private.link_calls(project, trace_ids, span_ids, known) l;
  end if;
  -- Within traces that are new, the links above and the ids of this batch are all there is.
  select array_agg(k.trace_id), array_agg(k.span_id) into known_traces, known_spans
  from unnest(trace_ids, span_ids) k(trace_id, span_id)
  where k.trace_id in (select n.id from unnest(known) n(id));
  if known_traces is not null then
    select outer_traces || array_agg(k.trace_id), outers || array_agg(k.span_id)
    into outer_traces, outers
    from unnest(known_traces, known_spans) k(trace_id, span_id)
    where (
      select true from agensight_private.call_links l
      where agensight_private.place_key(l.trace_id, l.above) =
        agensight_private.place_key(k.trace_id, k.span_id)
        and (l.project_id, l.trace_id, l.above) is not distinct from
          (project, k.trace_id, k.span_id)
        and not l.is_open
        limit 1);
  end if;
  if outers is not null then
    select
      seed_traces || outer_traces || array_agg(d.trace_id),
      seeds || outers || array_agg(d.span_id)
    into seed_traces, seeds
    from agensight_private.decide_links(project, outer_traces, outers) d;
  end if;
  select seed_traces || array_agg(k.trace_id), seeds || array_agg(k.span_id) into seed_traces, seeds
  from (
    select r.trace_id, r.span_id
    from (
      select
        r.trace_id, r.span_id,
        count(*) over (partition by r.trace_id, r.response_id) > 1 as is_repeated
      from jsonb_to_recordset(batch -> 'completions') as r(
        trace_id text, span_id text, completion_index integer, response_id text
      )
      where r.completion_index = 0
        and agensight_private.provider_response_id(r.response_id) is not null
    ) r
    where r.is_repeated
    union all
    select k.trace_id, k.span_id
    from unnest(known_traces, known_spans) k(trace_id, span_id)
    cross join lateral (
      select c.repeat_of, agensight_private.own_response_id(c.response_id, c.own) as response_id
      from agensight.completions c
      where c.project_id = project
        and c.trace_id = k.trace_id
        and c.span_id = k.span_id
        and c.completion_index = 0
      offset 0
    ) c
    where c.repeat_of is not null
      or (
        select true from agensight.completions o
        where agensight_private.place_key(o.trace_id, o.repeat_of) =
          agensight_private.place_key(k.trace_id, k.span_id)
          and o.completion_index = 0 and o.repeat_of is not null
          and (o.project_id, o.trace_id, o.repeat_of) is not distinct from
            (project, k.trace_id, k.span_id)
          limit 1)
      or (
        select true from agensight.completions o
        where agensight_private.place_key(o.trace_id, agensight_private.own_response_id(o.response_id, o.own)) =
          agensight_private.place_key(k.trace_id, c.response_id)
          and o.completion_index = 0 and o.response_id is not null
          and (o.project_id, o.trace_id, agensight_private.own_response_id(o.response_id, o.own))
            is not distinct from (project, k.trace_id, c.response_id)
          and o.span_id <> k.span_id limit 1)
  ) k;
  if seeds is not null then
    perform agensight_private.settle_calls(project, seed_traces, seeds);
    twins := agensight_private.find_twin_tools(project, seed_traces, seeds);
  end if;
  return twins;
end $$;
comment on function agensight_private.relate_calls(uuid, jsonb, text[], text[]) is
  'Decides which spans report one call, for the calls of a batch and those that its spans concern. Returns find_twin_tools() of these. The rows of the traces must be locked, known has those that existed before, and nested those of survey_spans().';

-- A span that is given another parent or kind changes the way up of calls that may be anywhere below it.
create function agensight_private.note_moved_spans() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  noted constant text := current_setting('agensight.moved_traces', true);
  moved text[];
begin
  if noted <> '' then
    moved := array(
      select distinct c.trace_id
      from (
        select n.project_id, n.trace_id, n.id, n.parent_id, n.kind from new_rows n
        except
        select o.project_id, o.trace_id, o.id, o.parent_id, o.kind from old_rows o
      ) c);
    if moved <> '{}' then
      perform set_config('agensight.moved_traces', array_cat(noted::text[], moved)::text, true);
    end if;
  end if;
  return null;
end $$;
comment on function agensight_private.note_moved_spans() is
  'Notes the traces in which a batch changes the parent or kind of a stored span: their calls are related anew.';
create trigger moved_spans_noted after update on agensight.spans
  referencing old table as old_rows new table as new_rows for each statement execute function agensight_private.note_moved_spans();
