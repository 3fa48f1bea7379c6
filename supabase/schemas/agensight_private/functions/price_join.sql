CREATE OR REPLACE FUNCTION agensight_private.price_join()
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
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

COMMENT ON FUNCTION "agensight_private"."price_join"() IS 'How a call is priced, as SQL, in one place: joins "price" (id and cost) to rows "r" with the fields of a completion and "call" with its started_at and service_tier. "candidates" has the price_candidates() of each provider and model among them.';

REVOKE ALL ON FUNCTION "agensight_private"."price_join"() FROM PUBLIC;
