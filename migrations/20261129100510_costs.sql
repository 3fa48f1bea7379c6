-- The cost of a call, by the price that held when it started.

create function agensight_private.service_tier_keys() returns text[]
  language sql immutable security invoker set search_path = ''
as $$
  select array[
    'openai.response.service_tier', 'gen_ai.openai.response.service_tier', 'gen_ai.response.service_tier',
    'openai.request.service_tier', 'gen_ai.openai.request.service_tier', 'gen_ai.request.service_tier']
$$;
comment on function agensight_private.service_tier_keys() is 'The attributes that may hold the service tier of a span, the best first.';

create function agensight_private.service_tier_of(attributes jsonb) returns text
  language sql immutable security invoker set search_path = ''
as $$
  select case when tier in ('default', 'auto', 'on_demand') then 'standard' else tier end
  from (
    select lower(attributes ->> key) as tier from unnest(agensight_private.service_tier_keys()) with ordinality k(key, place)
    where attributes ->> key is not null order by place limit 1
  ) t
$$;
comment on function agensight_private.service_tier_of(jsonb) is 'The service tier in a span''s attributes; null when there is none.';

create function agensight_private.price_join() returns text
  language sql immutable security invoker set search_path = ''
as $function$
  select $sql$
    left join lateral (
      select c.id, (
        case when input > 0 then input * c.input_price else 0 end
        + case when cached > 0 then cached * coalesce(c.cached_price, c.input_price) else 0 end
        + case when written > 0 then written * coalesce(c.cache_write_price, c.input_price) else 0 end
        + case when output > 0 then output * c.output_price else 0 end) as cost
      from (select
        coalesce(r.prompt_tokens, r.total_tokens - r.completion_tokens) as prompt,
        coalesce(r.completion_tokens, r.total_tokens - r.prompt_tokens, 0) as output,
        coalesce(r.cached_tokens, 0) as cached, coalesce(r.cache_write_tokens, 0) as written) u
      -- prompt_tokens includes both parts; a part that is larger than the whole leaves nothing, not less.
      cross join lateral (select greatest(u.prompt - u.cached - u.written, 0) as input) i
      cross join candidates c
      where c.provider is not distinct from r.provider and c.model = r.model
        and (u.prompt > c.above_prompt_tokens or (u.prompt is not null and c.above_prompt_tokens = 0))
        and c.service_tier = coalesce(call.service_tier, 'standard')
        and coalesce(call.started_at, now()) >= c.valid_from and coalesce(call.started_at, now()) < c.valid_until
        and (c.daily_from is null or case when c.daily_from <= c.daily_until
          then (coalesce(call.started_at, now()) at time zone 'UTC')::time >= c.daily_from and (coalesce(call.started_at, now()) at time zone 'UTC')::time < c.daily_until
          else (coalesce(call.started_at, now()) at time zone 'UTC')::time >= c.daily_from or (coalesce(call.started_at, now()) at time zone 'UTC')::time < c.daily_until end)
      order by c.place, c.above_prompt_tokens desc, c.daily_from is null, c.valid_from desc, c.id desc
      limit 1
    ) price on true
  $sql$
$function$;
comment on function agensight_private.price_join() is
  'How a call is priced, as SQL, in one place: joins "price" (id and cost) to rows "r" with the fields of a completion and "call" with its started_at and service_tier. "candidates" has the price_candidates() of each provider and model among them.';

do $do$
begin
  execute format($function$
    create function agensight_private.price_calls(project uuid, traces text[], span_ids text[]) returns integer
      language plpgsql volatile security invoker
      set search_path = '' set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
    as $body$
    declare
      changed integer;
    begin
      -- A plan is made once for a connection, perhaps while the tables are small, and would then read all of them
      -- for each call: fences (offset 0) leave it no other way than by the keys.
      with calls as materialized (
        select c.at, c.trace_id, c.span_id, c.cost, c.price_id, c.provider, c.model, c.repeat_of, c.prompt_tokens, c.completion_tokens,
               c.total_tokens, c.cached_tokens, c.cache_write_tokens
        from (select distinct trace_id, span_id from unnest(traces, span_ids) u(trace_id, span_id)) k
        cross join lateral (
          select c.ctid as at, c.* from agensight.completions c
          where c.project_id = project and c.trace_id = k.trace_id and c.span_id = k.span_id offset 0
        ) c
      ), candidates as materialized (
        select m.provider, m.model, c.*
        from (select distinct provider, model from calls where model is not null) m
        cross join lateral agensight_private.price_candidates(project, m.provider, m.model) c
      ), priced as materialized (
        select r.at, r.cost as old_cost, r.price_id as old_price_id,
               case when r.repeat_of is null then price.cost end as cost,
               case when r.repeat_of is null and price.cost is not null then price.id end as price_id
        from calls r
        left join lateral (
          select s.started_at, agensight_private.service_tier_of(s.attributes) as service_tier
          from agensight.spans s where s.project_id = project and s.trace_id = r.trace_id and s.id = r.span_id offset 0
        ) call on true %s
      )
      update agensight.completions c set cost = p.cost, price_id = p.price_id
      from priced p
      where c.ctid = p.at and (p.old_cost, p.old_price_id) is distinct from (p.cost, p.price_id);
      get diagnostics changed = row_count;
      return changed;
    end $body$ $function$, agensight_private.price_join());
end $do$;
comment on function agensight_private.price_calls(uuid, text[], text[]) is
  'Prices the calls of these spans (two lists of equal length: traces and spans) by what is known now. Returns how many rows that changed.';

-- Calls without a price ----------------------------------------------------------------------------

create view agensight.unpriced_models with (security_invoker = true) as
  select project_id, provider, model, count(*) as calls,
         sum(prompt_tokens)::bigint as prompt_tokens, sum(completion_tokens)::bigint as completion_tokens,
         max(trace_id) as trace_id
  from agensight.completions
  where cost is null and repeat_of is null and total_tokens > 0
  group by project_id, provider, model;
comment on view   agensight.unpriced_models                   is 'Models whose calls used tokens and have no cost, because no price is known for provider, model and service tier: how many calls and tokens, and one trace. Give them a price with set_price() and call reprice().';
comment on column agensight.unpriced_models.project_id        is 'The project.';
comment on column agensight.unpriced_models.provider          is 'Who served it, in lower case.';
comment on column agensight.unpriced_models.model             is 'The model that no price names.';
comment on column agensight.unpriced_models.calls             is 'Calls without a cost for that reason.';
comment on column agensight.unpriced_models.prompt_tokens     is 'Their input tokens.';
comment on column agensight.unpriced_models.completion_tokens is 'Their output tokens.';
comment on column agensight.unpriced_models.trace_id          is 'A trace with such a call.';
