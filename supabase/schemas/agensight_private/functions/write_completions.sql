CREATE OR REPLACE FUNCTION agensight_private.write_completions (
  project uuid,
  records jsonb,
  known   text[] DEFAULT NULL::text[]
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
    declare
      is_new boolean := known = '{}';
      keys integer;
      copies integer;
    begin
      if coalesce(jsonb_array_length(records), 0) = 0 then
        return 0;
      end if;
      if not is_new then
        is_new := (
          select true from jsonb_to_recordset(records) as r(trace_id text, span_id text, completion_index integer)
          where (r.trace_id in (select unnest(known))) is true and (select true from agensight.completions t where t.project_id = project and t.trace_id = r.trace_id and t.span_id = r.span_id and t.completion_index = r.completion_index) limit 1) is null;
      end if;
      begin
        if is_new then
          
          with candidates as materialized (
          select m.provider, m.model, c.*
          from (select distinct provider, model from jsonb_to_recordset(records) as r(provider text, model text) where model is not null) m
          cross join lateral (
            select p.*, bool_or(p.daily_from is not null) over () as is_by_hour from agensight_private.price_candidates(project, m.provider, m.model) p
          ) c
          where c.service_tier = 'standard' and c.valid_from <= now() and c.valid_until > now() and not c.is_by_hour
        )
          insert into agensight.completions as x (project_id, trace_id, span_id, completion_index, role, content, parts, finish_reason, model, provider, response_id, prompt_tokens, completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, time_to_first_token_ms, cost, price_id)
          select project, trace_id, span_id, completion_index, role, content, parts, finish_reason, model, provider, response_id, prompt_tokens, completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, time_to_first_token_ms, price.cost, case when price.cost is not null then price.id end from jsonb_to_recordset(records) as r(trace_id text, span_id text, completion_index integer, role text, content text, parts jsonb, finish_reason text, model text, provider text, response_id text, prompt_tokens bigint, completion_tokens bigint, total_tokens bigint, cached_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint, time_to_first_token_ms double precision) cross join (select now() as started_at, null::text as service_tier) call 
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
  
          order by trace_id collate "C", span_id collate "C", completion_index;
        else
          
          with candidates as materialized (
          select m.provider, m.model, c.*
          from (select distinct provider, model from jsonb_to_recordset(records) as r(provider text, model text) where model is not null) m
          cross join lateral (
            select p.*, bool_or(p.daily_from is not null) over () as is_by_hour from agensight_private.price_candidates(project, m.provider, m.model) p
          ) c
          where c.service_tier = 'standard' and c.valid_from <= now() and c.valid_until > now() and not c.is_by_hour
        )
          insert into agensight.completions as x (project_id, trace_id, span_id, completion_index, role, content, parts, finish_reason, model, provider, response_id, prompt_tokens, completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, time_to_first_token_ms, cost, price_id)
          select project, trace_id, span_id, completion_index, role, content, parts, finish_reason, model, provider, response_id, prompt_tokens, completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, time_to_first_token_ms, price.cost, case when price.cost is not null then price.id end from jsonb_to_recordset(records) as r(trace_id text, span_id text, completion_index integer, role text, content text, parts jsonb, finish_reason text, model text, provider text, response_id text, prompt_tokens bigint, completion_tokens bigint, total_tokens bigint, cached_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint, time_to_first_token_ms double precision) cross join (select now() as started_at, null::text as service_tier) call 
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
  
          order by trace_id collate "C", span_id collate "C", completion_index
          
          on conflict (project_id, trace_id, span_id, completion_index) do update set (role, content, parts, finish_reason, model, provider, response_id, prompt_tokens, completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, time_to_first_token_ms) = (select greatest(x.role collate "C", excluded.role collate "C"), greatest(x.content collate "C", excluded.content collate "C"), greatest(x.parts, excluded.parts), greatest(x.finish_reason collate "C", excluded.finish_reason collate "C"), greatest(x.model collate "C", excluded.model collate "C"), greatest(x.provider collate "C", excluded.provider collate "C"), greatest(x.response_id collate "C", excluded.response_id collate "C"), greatest(x.prompt_tokens, excluded.prompt_tokens), greatest(x.completion_tokens, excluded.completion_tokens), greatest(x.total_tokens, excluded.total_tokens), greatest(x.cached_tokens, excluded.cached_tokens), greatest(x.cache_write_tokens, excluded.cache_write_tokens), greatest(x.reasoning_tokens, excluded.reasoning_tokens), greatest(x.time_to_first_token_ms, excluded.time_to_first_token_ms))
          where (x.role, x.content, x.parts, x.finish_reason, x.model, x.provider, x.response_id, x.prompt_tokens, x.completion_tokens, x.total_tokens, x.cached_tokens, x.cache_write_tokens, x.reasoning_tokens, x.time_to_first_token_ms) is distinct from (greatest(x.role collate "C", excluded.role collate "C"), greatest(x.content collate "C", excluded.content collate "C"), greatest(x.parts, excluded.parts), greatest(x.finish_reason collate "C", excluded.finish_reason collate "C"), greatest(x.model collate "C", excluded.model collate "C"), greatest(x.provider collate "C", excluded.provider collate "C"), greatest(x.response_id collate "C", excluded.response_id collate "C"), greatest(x.prompt_tokens, excluded.prompt_tokens), greatest(x.completion_tokens, excluded.completion_tokens), greatest(x.total_tokens, excluded.total_tokens), greatest(x.cached_tokens, excluded.cached_tokens), greatest(x.cache_write_tokens, excluded.cache_write_tokens), greatest(x.reasoning_tokens, excluded.reasoning_tokens), greatest(x.time_to_first_token_ms, excluded.time_to_first_token_ms));
        end if;
        -- Inferred records are last, so the last one shows whether there are any.
        return case when records -> -1 ? 'inferred'
          then (select count(*) from jsonb_to_recordset(records) as r(inferred boolean) where inferred is null)
          else jsonb_array_length(records) end;
      exception when cardinality_violation or unique_violation then
        select count(*) filter (where sent), max(n) into keys, copies
        from (
          select count(*) as n, bool_or(inferred is null) as sent
          from jsonb_to_recordset(records) as r(trace_id text, span_id text, completion_index integer, inferred boolean) group by trace_id, span_id, completion_index
        ) k;
      end;
      for round in 1 .. copies loop
        
          with candidates as materialized (
          select m.provider, m.model, c.*
          from (select distinct provider, model from jsonb_to_recordset(records) as r(provider text, model text) where model is not null) m
          cross join lateral (
            select p.*, bool_or(p.daily_from is not null) over () as is_by_hour from agensight_private.price_candidates(project, m.provider, m.model) p
          ) c
          where c.service_tier = 'standard' and c.valid_from <= now() and c.valid_until > now() and not c.is_by_hour
        )
          insert into agensight.completions as x (project_id, trace_id, span_id, completion_index, role, content, parts, finish_reason, model, provider, response_id, prompt_tokens, completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, time_to_first_token_ms, cost, price_id)
          select project, trace_id, span_id, completion_index, role, content, parts, finish_reason, model, provider, response_id, prompt_tokens, completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, time_to_first_token_ms, price.cost, case when price.cost is not null then price.id end from (select r.*, row_number() over (partition by trace_id, span_id, completion_index) as n from jsonb_to_recordset(records) as r(trace_id text, span_id text, completion_index integer, role text, content text, parts jsonb, finish_reason text, model text, provider text, response_id text, prompt_tokens bigint, completion_tokens bigint, total_tokens bigint, cached_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint, time_to_first_token_ms double precision)) r cross join (select now() as started_at, null::text as service_tier) call 
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
  
          where n = round order by trace_id collate "C", span_id collate "C", completion_index
        
          on conflict (project_id, trace_id, span_id, completion_index) do update set (role, content, parts, finish_reason, model, provider, response_id, prompt_tokens, completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, time_to_first_token_ms) = (select greatest(x.role collate "C", excluded.role collate "C"), greatest(x.content collate "C", excluded.content collate "C"), greatest(x.parts, excluded.parts), greatest(x.finish_reason collate "C", excluded.finish_reason collate "C"), greatest(x.model collate "C", excluded.model collate "C"), greatest(x.provider collate "C", excluded.provider collate "C"), greatest(x.response_id collate "C", excluded.response_id collate "C"), greatest(x.prompt_tokens, excluded.prompt_tokens), greatest(x.completion_tokens, excluded.completion_tokens), greatest(x.total_tokens, excluded.total_tokens), greatest(x.cached_tokens, excluded.cached_tokens), greatest(x.cache_write_tokens, excluded.cache_write_tokens), greatest(x.reasoning_tokens, excluded.reasoning_tokens), greatest(x.time_to_first_token_ms, excluded.time_to_first_token_ms))
          where (x.role, x.content, x.parts, x.finish_reason, x.model, x.provider, x.response_id, x.prompt_tokens, x.completion_tokens, x.total_tokens, x.cached_tokens, x.cache_write_tokens, x.reasoning_tokens, x.time_to_first_token_ms) is distinct from (greatest(x.role collate "C", excluded.role collate "C"), greatest(x.content collate "C", excluded.content collate "C"), greatest(x.parts, excluded.parts), greatest(x.finish_reason collate "C", excluded.finish_reason collate "C"), greatest(x.model collate "C", excluded.model collate "C"), greatest(x.provider collate "C", excluded.provider collate "C"), greatest(x.response_id collate "C", excluded.response_id collate "C"), greatest(x.prompt_tokens, excluded.prompt_tokens), greatest(x.completion_tokens, excluded.completion_tokens), greatest(x.total_tokens, excluded.total_tokens), greatest(x.cached_tokens, excluded.cached_tokens), greatest(x.cache_write_tokens, excluded.cache_write_tokens), greatest(x.reasoning_tokens, excluded.reasoning_tokens), greatest(x.time_to_first_token_ms, excluded.time_to_first_token_ms));
      end loop;
      return keys;
    end $function$;

COMMENT ON FUNCTION "agensight_private"."write_completions"(uuid, jsonb, text[]) IS 'Writes records of one kind, merging them with what is stored: of the traces in known, at most; null for any. Made by agensight_private.build_writer().';

REVOKE ALL ON FUNCTION "agensight_private"."write_completions"(uuid, jsonb, text[]) FROM PUBLIC;
