CREATE OR REPLACE FUNCTION agensight_private.add_prices (
  rows jsonb
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  added integer;
begin
  -- A price that is known already stays, and so do the calls that reference it. One that differs is closed
  -- from the moment that its successor is valid. A list seldom dates its prices: then its own date counts.
  with wanted as materialized (
    select r.project_id, r.provider, r.model_patterns, r.tier as service_tier, r.above as above_prompt_tokens,
           case when r.project_id is null and exists (
               select from agensight.prices p
               where p.project_id is null and p.provider = r.provider and p.model_patterns = r.model_patterns and p.service_tier = r.tier
                 and p.above_prompt_tokens = r.above and p.valid_from = r.since and p.valid_until = r.until
                 and (p.daily_from, p.daily_until) is not distinct from (r.daily_from, r.daily_until))
             and not exists (
               select from agensight.prices p
               where p.project_id is null and p.provider = r.provider and p.model_patterns = r.model_patterns and p.service_tier = r.tier
                 and p.above_prompt_tokens = r.above and p.valid_from = r.since and p.valid_until = r.until
                 and (p.daily_from, p.daily_until, p.input_price, p.cached_price, p.cache_write_price, p.output_price)
                   is not distinct from (r.daily_from, r.daily_until, r.input_price, r.cached_price, r.cache_write_price, r.output_price))
             then r.source_date else r.since end as valid_from,
           r.until as valid_until, r.daily_from, r.daily_until, r.input_price, r.cached_price, r.cache_write_price, r.output_price,
           r.source, r.source_date
    from (
      select x.*, coalesce(x.service_tier, 'standard') as tier, coalesce(x.above_prompt_tokens, 0) as above,
             coalesce(x.valid_from, '-infinity') as since, coalesce(x.valid_until, 'infinity') as until
      from jsonb_to_recordset(rows) as x(
        project_id uuid, provider text, model_patterns text[], service_tier text, above_prompt_tokens bigint,
        valid_from timestamptz, valid_until timestamptz, daily_from time, daily_until time, input_price numeric,
        cached_price numeric, cache_write_price numeric, output_price numeric, source text, source_date date)
    ) r
  ), news as materialized (
    select w.* from wanted w
    where not exists (
      select from agensight.prices p
      where (p.project_id, p.provider, p.model_patterns, p.service_tier, p.above_prompt_tokens, p.valid_from, p.valid_until,
             p.daily_from, p.daily_until, p.input_price, p.cached_price, p.cache_write_price, p.output_price)
        is not distinct from (w.project_id, w.provider, w.model_patterns, w.service_tier, w.above_prompt_tokens, w.valid_from,
             w.valid_until, w.daily_from, w.daily_until, w.input_price, w.cached_price, w.cache_write_price, w.output_price))
  ), closed as (
    update agensight.prices p set valid_until = greatest(p.valid_from, n.valid_from)
    from news n
    where (p.project_id, p.provider, p.model_patterns, p.service_tier, p.above_prompt_tokens, p.daily_from, p.daily_until)
        is not distinct from (n.project_id, n.provider, n.model_patterns, n.service_tier, n.above_prompt_tokens, n.daily_from, n.daily_until)
      and p.valid_until > n.valid_from and p.valid_from < n.valid_until
  )
  insert into agensight.prices (project_id, provider, model_patterns, service_tier, above_prompt_tokens, valid_from, valid_until,
    daily_from, daily_until, input_price, cached_price, cache_write_price, output_price, source, source_date)
  select * from news;
  get diagnostics added = row_count;
  return added;
end $function$;

COMMENT ON FUNCTION "agensight_private"."add_prices"(jsonb) IS 'Adds prices that are not known yet, closing the ones that they follow. Takes a list of objects with the columns of prices. Returns how many were new.';

REVOKE ALL ON FUNCTION "agensight_private"."add_prices"(jsonb) FROM PUBLIC;
