-- Which call encloses a call.
--
-- One call of a model is often reported by several spans: a client library and the instrumentation around it, a
-- framework and the client that it uses, a gateway. What is one call is decided here, in the database, from the rows
-- of the whole trace, so it depends neither on the order in which spans arrive nor on how they are batched.
--
-- A call that has another call above it has a row here; every other call has none. The way up leads through steps,
-- and ends at a tool, or at an agent that reports no call itself. Where it ends at a span that is not stored yet, the
-- row is open, and the arrival of that span continues the climb. So nothing ever searches a tree downwards, and a
-- batch costs a few lookups for each of its calls, however large the trace is.

create function agensight_private.place_key(trace_id text, value text) returns bigint
  -- In plpgsql, whose expressions are prepared once: a function in SQL is planned at each call.
  language plpgsql immutable parallel safe security invoker set search_path = ''
as $$ begin return hashtextextended(value, hashtextextended(trace_id, 0)); end $$;
comment on function agensight_private.place_key(text, text) is
  'A key of eight bytes for a value within a trace. A plan that is made while the tables are small cannot do without an index on it, as it could on one that begins with the trace.';

create function agensight_private.provider_response_id(response_id text) returns text
  language plpgsql immutable parallel safe security invoker set search_path = ''
as $$ begin return case
  when response_id !~ '^(run-|lc_run-|__fake_id__|msg_fake|adk-)|^chatcmpl-[0-9]{1,3}$' then response_id
end; end $$;
comment on function agensight_private.provider_response_id(text) is
  'The id of a response if a provider generated it, so that no other response has it; null for one that a framework made up, and for the numbers below 1,000 that Ollama picks by chance.';

create table agensight_private.call_links (
  project_id        uuid    not null,
  trace_id          text    collate "C" not null,
  span_id           text    collate "C" not null,
  above             text    collate "C" not null,
  is_open           boolean not null,
  relation          text    check (relation in ('same', 'part')),
  started_at        timestamptz,
  prompt_tokens     bigint,
  completion_tokens bigint,
  total_tokens      bigint,
  primary key (project_id, trace_id, span_id)
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
comment on table  agensight_private.call_links                   is 'One row per call of a model below another call. Written only by ingest().';
comment on column agensight_private.call_links.project_id        is 'The project.';
comment on column agensight_private.call_links.trace_id          is 'The trace.';
comment on column agensight_private.call_links.span_id           is 'The span of the inner call.';
comment on column agensight_private.call_links.above             is 'The span of the next call above it; where is_open, the span that is missing on the way up.';
comment on column agensight_private.call_links.is_open           is 'Whether the way up is not known yet.';
comment on column agensight_private.call_links.relation          is 'same: both spans report one call. part: the outer span reports the sum of several calls, of which this is the first. Null: two calls.';
comment on column agensight_private.call_links.started_at        is 'When the inner call began.';
comment on column agensight_private.call_links.prompt_tokens     is 'The usage that its own span reported.';
comment on column agensight_private.call_links.completion_tokens is 'The usage that its own span reported.';
comment on column agensight_private.call_links.total_tokens      is 'The usage that its own span reported; 0 for none.';
alter table agensight_private.call_links enable row level security;
create policy "the service role reads the links of calls" on agensight_private.call_links
  for select to service_role using (true);
create index call_links_by_above on agensight_private.call_links (agensight_private.place_key(trace_id, above));

-- In the functions below, fences (offset 0) keep look-ups by key apart from the joins around them: a plan is made once
-- for a connection, perhaps while the tables are small, and must find rows by their keys whatever the planner estimates.

create function agensight_private.climb_to_calls(project uuid, trace_ids text[], parent_ids text[])
  returns table (trace_id text, parent_id text, above text, is_open boolean)
  language plpgsql stable security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
begin
  return query
  with recursive up(trace_id, parent_id, at, hops, state) as (
    select k.trace_id collate "C", k.parent_id collate "C", k.parent_id collate "C", 0, 'go'
    from unnest(trace_ids, parent_ids) k(trace_id, parent_id)
    union all
    select
      u.trace_id, u.parent_id,
      case when x.state = 'go' then s.parent_id else u.at end,
      u.hops + 1,
      x.state
    from up u
    left join lateral (
      select s.id, s.parent_id, s.kind from agensight.spans s
      where s.project_id = project and s.trace_id = u.trace_id and s.id = u.at offset 0
    ) s on true
    cross join lateral (
      select case
        when s.id is null then 'open'
        when s.kind in ('llm', 'embedding') then 'call'
        when s.kind = 'agent' then case when (
            select true from agensight.completions c
            where c.project_id = project
              and c.trace_id = u.trace_id
              and c.span_id = u.at
              and c.completion_index = 0
          ) then 'call' else 'end' end
        when s.kind = 'tool' or s.parent_id is null or u.hops >= 8 then 'end'
        else 'go' end as state
    ) x
    where u.state = 'go'
  )
  select u.trace_id, u.parent_id, u.at, u.state = 'open'
  from up u
  where u.state in ('open', 'call');
end $$;
comment on function agensight_private.climb_to_calls(uuid, text[], text[]) is
  'For each of these parents (two lists of equal length: traces and spans) the next call at or above it, or the span at which the way up is not known yet; no row where it ends without a call.';

create function agensight_private.link_calls(
  project uuid, trace_ids text[], span_ids text[], known text[])
  returns table (trace_id text, span_id text, above text)
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  return query
  with calls as materialized (
    select k.trace_id, k.span_id, s.parent_id, s.started_at
    from (
      select distinct u.trace_id collate "C" as trace_id, u.span_id collate "C" as span_id
      from unnest(trace_ids, span_ids) u(trace_id, span_id)
    ) k
    cross join lateral (
      select s.parent_id, s.started_at from agensight.spans s
      where s.project_id = project and s.trace_id = k.trace_id and s.id = k.span_id offset 0
    ) s
  ), parents as materialized (
    select array_agg(p.trace_id) as traces, array_agg(p.parent_id) as ids
    from (select distinct c.trace_id, c.parent_id from calls c where c.parent_id is not null) p
  ), found as materialized (
    select
      c.trace_id, c.span_id, f.above, f.is_open, c.started_at, r.prompt_tokens, r.completion_tokens,
      coalesce(
        r.total_tokens, coalesce(r.prompt_tokens, 0) + coalesce(r.completion_tokens, 0)
      ) as total_tokens
    from parents p
    cross join lateral agensight_private.climb_to_calls(project, p.traces, p.ids) f
    join calls c on c.trace_id = f.trace_id and c.parent_id = f.parent_id
    cross join lateral (
      select r.*
      from agensight.completions x
      cross join lateral jsonb_populate_record(x, x.own) r
      where x.project_id = project
        and x.trace_id = c.trace_id
        and x.span_id = c.span_id
        and x.completion_index = 0
      offset 0
    ) r
    -- A span that is above itself is not below any.
    where f.above <> c.span_id
  ), gone as (
    delete from agensight_private.call_links l
    using (
      select c.trace_id, c.span_id
      from calls c
      where c.trace_id in (select k.id from unnest(known) k(id))
      except
      select f.trace_id, f.span_id from found f
    ) c
    where l.project_id = project and l.trace_id = c.trace_id and l.span_id = c.span_id
  ), written as (
    insert into agensight_private.call_links as l (
      project_id, trace_id, span_id, above, is_open, started_at, prompt_tokens,
      completion_tokens, total_tokens
    )
    select
      project, f.trace_id, f.span_id, f.above, f.is_open, f.started_at, f.prompt_tokens,
      f.completion_tokens, f.total_tokens
    from found f
    order by f.trace_id, f.span_id
    on conflict (project_id, trace_id, span_id) do update
    set (
      above, is_open,
      relation,
      started_at, prompt_tokens, completion_tokens, total_tokens
    ) = (
      excluded.above, excluded.is_open,
      case when l.above = excluded.above and not l.is_open and not excluded.is_open then l.relation end,
      excluded.started_at, excluded.prompt_tokens, excluded.completion_tokens, excluded.total_tokens
    )
    where (l.above, l.is_open, l.started_at, l.prompt_tokens, l.completion_tokens, l.total_tokens)
      is distinct from (
        excluded.above, excluded.is_open, excluded.started_at,
        excluded.prompt_tokens, excluded.completion_tokens, excluded.total_tokens)
  )
  select f.trace_id, f.span_id, f.above
  from found f
  where not f.is_open;
end $$;
comment on function agensight_private.link_calls(uuid, text[], text[], text[]) is
  'Links these calls (two lists of equal length: traces and spans) to the next call above each, where there is one. Returns these links.';
