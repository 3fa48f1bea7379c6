-- What the row of a call shows.
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

create function agensight_private.take_off_calls(project uuid, records jsonb, known text[]) returns void
  language plpgsql volatile security invoker
  set search_path = '' set enable_seqscan = off
as $$
begin
  update agensight.completions c
  set (
    role, content, parts, finish_reason, model, provider, response_id,
    prompt_tokens, completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens,
    time_to_first_token_ms, own
  ) = (
    select
      r.role, r.content, r.parts, r.finish_reason, r.model, r.provider, r.response_id,
      r.prompt_tokens, r.completion_tokens, r.total_tokens, r.cached_tokens, r.cache_write_tokens, r.reasoning_tokens,
      r.time_to_first_token_ms, null::jsonb
    from jsonb_populate_record(c, c.own) r
  )
  from (
    select c.at
    from (
      select distinct r.trace_id collate "C" as trace_id, r.span_id collate "C" as span_id
      from jsonb_to_recordset(records) as r(trace_id text, span_id text)
      where r.trace_id in (select k.id from unnest(known) k(id))
    ) k
    cross join lateral (
      select c.ctid as at from agensight.completions c
      where c.project_id = project
        and c.trace_id = k.trace_id
        and c.span_id = k.span_id
        and c.own is not null
      offset 0
    ) c
  ) k
  where c.ctid = k.at;
end $$;
comment on function agensight_private.take_off_calls(uuid, jsonb, text[]) is
  'Gives the rows that completions are about to be written to, in these known traces, back what their own spans reported.';

create function agensight_private.settle_calls(project uuid, trace_ids text[], span_ids text[]) returns integer
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
declare
  -- What counts a call in sums; a repeat shows none of it.
  uncounted constant jsonb := '{
    "prompt_tokens": null, "completion_tokens": null, "total_tokens": null,
    "cached_tokens": null, "cache_write_tokens": null, "reasoning_tokens": null}';
  changed integer;
begin
  with reports as materialized (
    select
      g.place, g.call_place, g.repeat_of, k.at, k.completion_index, k.was_own,
      k.was_repeat_of, k.raw
    from agensight_private.group_calls(project, trace_ids, span_ids) g
    cross join lateral (
      select
        c.ctid as at, c.completion_index, c.own as was_own, c.repeat_of as was_repeat_of,
        r as raw
      from agensight.completions c cross join lateral jsonb_populate_record(c, c.own) r
      where c.project_id = project and c.trace_id = g.trace_id and c.span_id = g.span_id offset 0
    ) k
  ), best as (
    select
      p.call_place,
      jsonb_build_object(
        'role', (array_agg(r.role order by (r.content is null and r.parts is null), p.place))[1],
        'content', (array_agg(r.content order by (r.content is null and r.parts is null), p.place))[1],
        'parts', (array_agg(r.parts order by (r.content is null and r.parts is null), p.place))[1],
        'finish_reason', (array_agg(r.finish_reason order by r.finish_reason is null, p.place))[1],
        -- The model that answered, as the provider's own client reports it, is the more exact name.
        'model', (array_agg(r.model order by
          r.model is null,
          agensight_private.provider_response_id(r.response_id) is null,
          length(regexp_replace(r.model, '^.*/', '')) desc,
          p.place))[1],
        'provider', (array_agg(r.provider order by r.provider is null, p.place))[1],
        'response_id', (array_agg(r.response_id order by
          agensight_private.provider_response_id(r.response_id) is null,
          r.response_id is null,
          p.place))[1],
        'time_to_first_token_ms', (array_agg(r.time_to_first_token_ms order by
          r.time_to_first_token_ms is null,
          p.place))[1],
        'prompt_tokens', max(r.prompt_tokens),
        'completion_tokens', max(r.completion_tokens),
        'total_tokens', max(r.total_tokens),
        'cached_tokens', max(r.cached_tokens),
        'cache_write_tokens', max(r.cache_write_tokens),
        'reasoning_tokens', max(r.reasoning_tokens)) as fields
    from reports p
    cross join lateral (select (p.raw).*) r
    where p.completion_index = 0
    group by p.call_place
    having count(*) > 1
  ), rows as materialized (
    select
      p.at, p.was_own, p.was_repeat_of, p.repeat_of as now_repeat_of,
      s.*,
      (
        select jsonb_object_agg(f.key, to_jsonb(p.raw) -> f.key)
        from jsonb_each(x.fields) f
        where f.value is distinct from to_jsonb(p.raw) -> f.key
      ) as now_own
    from reports p
    left join best b on b.call_place = p.place and p.completion_index = 0
    cross join lateral (
      select case when p.repeat_of is not null then uncounted else coalesce(b.fields, '{}') end as fields
    ) x
    cross join lateral jsonb_populate_record(p.raw, x.fields) s
    -- Nearly all are as they should be.
    where p.repeat_of is not null
      or b.fields is not null
      or p.was_own is not null
      or p.was_repeat_of is not null
  )
  update agensight.completions c
  set (
    role, content, parts, finish_reason, model, provider, response_id,
    prompt_tokens, completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens,
    time_to_first_token_ms, own, repeat_of,
    cost,
    price_id
  ) = (
    r.role, r.content, r.parts, r.finish_reason, r.model, r.provider, r.response_id,
    r.prompt_tokens, r.completion_tokens, r.total_tokens, r.cached_tokens, r.cache_write_tokens, r.reasoning_tokens,
    r.time_to_first_token_ms, r.now_own, r.now_repeat_of,
    case when r.now_repeat_of is null then c.cost end,
    case when r.now_repeat_of is null then c.price_id end
  )
  from rows r
  where c.ctid = r.at
    and (
      (r.was_own, r.was_repeat_of) is distinct from (r.now_own, r.now_repeat_of)
      or (c.content, c.parts, c.model, c.provider, c.response_id, c.prompt_tokens, c.completion_tokens, c.total_tokens)
        is distinct from (r.content, r.parts, r.model, r.provider, r.response_id, r.prompt_tokens, r.completion_tokens, r.total_tokens)
      or (c.role, c.finish_reason, c.cached_tokens, c.cache_write_tokens, c.reasoning_tokens, c.time_to_first_token_ms)
        is distinct from (r.role, r.finish_reason, r.cached_tokens, r.cache_write_tokens, r.reasoning_tokens, r.time_to_first_token_ms)
    );
  get diagnostics changed = row_count;
  return changed;
end $$;
comment on function agensight_private.settle_calls(uuid, text[], text[]) is
  'Lets the rows of these calls (two lists of equal length: traces and spans), and of all that are related to them, show what all their spans reported, and marks repeats. Returns how many rows changed.';
