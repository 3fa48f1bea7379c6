CREATE OR REPLACE FUNCTION agensight_private.settle_calls (
  project   uuid,
  trace_ids text[],
  span_ids  text[]
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  SET jit TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
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
end $function$;

COMMENT ON FUNCTION "agensight_private"."settle_calls"(uuid, text[], text[]) IS 'Lets the rows of these calls (two lists of equal length: traces and spans), and of all that are related to them, show what all their spans reported, and marks repeats. Returns how many rows changed.';

REVOKE ALL ON FUNCTION "agensight_private"."settle_calls"(uuid, text[], text[]) FROM PUBLIC;
