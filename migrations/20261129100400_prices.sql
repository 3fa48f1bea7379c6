-- Prices of models.
--
-- Prices are rows, so that they can be read, dated, overruled by a project, and traced from each call
-- that they were used for. Members read the list prices and the prices of their own projects; managers
-- set their project's own by set_price().

create table agensight.prices (
  id                  bigint generated always as identity primary key,
  project_id          uuid references agensight.projects (id) on delete cascade,
  provider            text check (provider = lower(provider)),
  model_patterns      text[] collate "C" not null check (cardinality(model_patterns) > 0),
  service_tier        text not null default 'standard' check (service_tier = lower(service_tier)),
  above_prompt_tokens bigint not null default 0 check (above_prompt_tokens >= 0),
  valid_from          timestamptz not null default '-infinity',
  valid_until         timestamptz not null default 'infinity',
  daily_from          time,
  daily_until         time,
  input_price         numeric check (input_price >= 0),
  cached_price        numeric check (cached_price >= 0),
  cache_write_price   numeric check (cache_write_price >= 0),
  output_price        numeric check (output_price >= 0),
  source              text not null,
  source_date         date not null,
  check (valid_until >= valid_from),
  check (num_nonnulls(daily_from, daily_until) in (0, 2)),
  check (provider is not null or project_id is not null)
);
comment on table  agensight.prices                     is 'One row per price of a model: USD per token, in a span of time, a service tier and a size of prompt. A project''s own rows win over the list. Rows are closed rather than changed, because completions name the row they were priced by.';
comment on column agensight.prices.id                  is 'Referenced by completions.price_id.';
comment on column agensight.prices.project_id          is 'The project whose own price it is; null for a list price, which holds for all.';
comment on column agensight.prices.provider            is 'Who serves the model, as in price_providers(); null for any provider (a project''s own prices only).';
comment on column agensight.prices.model_patterns      is 'LIKE patterns in lower case, any of which the model''s name must match. The most specific match wins: one without wildcards, then the longest.';
comment on column agensight.prices.service_tier        is 'standard, batch, flex, priority or the provider''s own term, as in the attributes of the call''s span.';
comment on column agensight.prices.above_prompt_tokens is 'The price holds for the whole of a call whose prompt has more tokens than this.';
comment on column agensight.prices.valid_from          is 'Holds for calls that started at this moment or later.';
comment on column agensight.prices.valid_until         is 'Holds for calls that started before this moment; for none where it equals valid_from, as in a row that was replaced.';
comment on column agensight.prices.daily_from          is 'Where a price depends on the hour: from this time of day, UTC. Null for the whole day.';
comment on column agensight.prices.daily_until         is 'Where a price depends on the hour: until this time of day, UTC. Null for the whole day.';
comment on column agensight.prices.input_price         is 'USD per token of the prompt that was neither read from a cache nor written to one.';
comment on column agensight.prices.cached_price        is 'USD per token read from a cache; null where there is no such price and input_price is paid.';
comment on column agensight.prices.cache_write_price   is 'USD per token written to a cache; null where there is no such price and input_price is paid.';
comment on column agensight.prices.output_price        is 'USD per token of the answer, reasoning included.';
comment on column agensight.prices.source              is 'Source of the prices.';
comment on column agensight.prices.source_date         is 'Date of the source.';
create index prices_by_provider on agensight.prices (project_id, provider);
create index prices_by_start on agensight.prices (valid_from);
create index prices_by_end on agensight.prices (valid_until);

alter table agensight.prices enable row level security;
create policy "members read list prices and their projects' own" on agensight.prices
  for select to authenticated using (project_id is null or project_id = any (array(select agensight_private.my_projects())));
create policy "read tokens open their project" on agensight.prices
  for select to anon using (project_id = any (array(select agensight_private.token_project())));

-- From the provider and model of a call to the prices that may hold ----------------------------------
--
-- In plpgsql, whose plans last as long as the connection: those of SQL functions are made at each call.

create function agensight_private.model_names(model text) returns text[]
  language plpgsql immutable security invoker set search_path = ''
as $$
declare
  vendor constant text := '^([a-z-]+\.)*(anthropic|cohere|deepseek|mistral|openai)\.';
  dates  constant text := '-(20\d\d-?\d\d-?\d\d|\d\d-\d\d|\d\d-20\d\d|\d{4}|\d{3}|latest|v\d+)(-v\d+)?$';
  whole  constant text := lower(trim(model));
  bare   constant text := regexp_replace(whole, '^.*/', '');
  plain  constant text := replace(split_part(bare, ':', 1), '@', '-');
  undated constant text := regexp_replace(plain, dates, '');
begin
  -- As given; without the path of a gateway or resource; without a variant behind a colon and with
  -- Vertex's "@" read as "-"; without its date or version; without a suffix such as "-preview"; and by
  -- Bedrock's names of other vendors' models, "us.anthropic.claude-...". The first that is listed is taken.
  return array[whole, nullif(bare, whole), nullif(plain, bare), nullif(undated, plain),
    nullif(regexp_replace(undated, '-(preview|exp|experimental)$', ''), undated),
    nullif(regexp_replace(plain, vendor, ''), plain), nullif(regexp_replace(undated, vendor, ''), undated)];
end $$;
comment on function agensight_private.model_names(text) is 'The names under which a model may be listed, the best first; null at a step that changed nothing.';

create function agensight_private.price_providers(provider text, model text) returns text[]
  language plpgsql immutable security invoker set search_path = ''
as $$
declare
  p    constant text := nullif(lower(trim(provider)), '');
  m    constant text := lower(trim(model));
  bare constant text := regexp_replace(m, '^.*/', '');
  azure  constant text[] := array['azure', 'openai', 'anthropic', 'deepseek', 'x-ai', 'moonshotai', 'mistral', 'cohere'];
  aws    constant text[] := array['aws', 'anthropic', 'mistral', 'cohere', 'deepseek', 'openai'];
  google constant text[] := array['google', 'anthropic', 'mistral', 'deepseek'];
begin
  if p in ('openai', 'anthropic', 'mistral', 'groq', 'cohere', 'deepseek', 'perplexity', 'cerebras', 'x-ai', 'moonshotai', 'voyageai') then
    return array[p];
  elsif p ~ '^az\M|azure' then return azure;
  elsif p ~ 'bedrock|^aws|^amazon' then return aws;
  elsif p ~ 'vertex|^google|^gcp|^gemini' then return google;
  elsif p ~ '^(anthropic|openai|mistral|groq|cohere|deepseek|perplexity|cerebras)' then
    return array[substring(p from '^(anthropic|openai|mistral|groq|cohere|deepseek|perplexity|cerebras)')];
  elsif p ~ '^(xai|x[-_.]ai|grok)' then return array['x-ai'];
  elsif p ~ '^(moonshot|kimi)' then return array['moonshotai'];
  elsif p ~ '^voyage' then return array['voyageai'];
  -- A provider without a price list (ollama, vllm) has no list price.
  elsif p !~ '^(unknown|langchain|llamaindex|vercel|ai|ai-?sdk|litellm|openrouter|portkey|helicone|gateway|cloudflare|mastra|langfuse|langsmith)' then
    return array[]::text[];
  end if;
  -- No provider, or a framework or gateway: the path or family of the model decides.
  return case
    when m ~ '^azure(_ai)?/' then azure
    when m ~ '^(bedrock|aws|amazon)/|^([a-z-]+\.)?(anthropic|amazon|meta|cohere|mistral|deepseek)\.' then aws
    when m ~ '^(vertex_ai|vertex|publishers|projects)/' then google
    when m ~ '^(groq|cerebras|perplexity|cohere)/' then array[split_part(m, '/', 1)]
    when m ~ '^(ollama|lm_studio|huggingface|together_ai|fireworks_ai|replicate|accounts)/' then array[]::text[]
    when bare ~ '^(ft:)?(gpt-|chatgpt|o[134]\M|text-embedding|davinci|babbage|codex|computer-use)' then array['openai']
    when bare ~ '^claude' then array['anthropic']
    when bare ~ '^gemini' then array['google']
    when bare ~ '^(labs-)?(mistral|ministral|codestral|devstral|magistral|pixtral|mixtral|voxtral|open-mi)' then array['mistral']
    when bare ~ '^deepseek' then array['deepseek']
    when bare ~ '^grok' then array['x-ai']
    when bare ~ '^command' then array['cohere']
    when bare ~ '^sonar' then array['perplexity']
    when bare ~ '^(kimi|moonshot)' then array['moonshotai']
    when bare ~ '^voyage' then array['voyageai']
    else array[]::text[] end;
end $$;
comment on function agensight_private.price_providers(text, text) is
  'Whose list prices may hold for a provider and model as a client names them, the best first; none for a provider without a list.';

create function agensight_private.price_candidates(project uuid, provider text, model text)
  returns table (
    place integer, id bigint, service_tier text, above_prompt_tokens bigint, valid_from timestamptz, valid_until timestamptz,
    daily_from time, daily_until time, input_price numeric, cached_price numeric, cache_write_price numeric, output_price numeric)
  language plpgsql stable security invoker rows 2
  set search_path = ''
as $$
#variable_conflict use_column
declare
  names  constant text[] := agensight_private.model_names(model);
  providers constant text[] := agensight_private.price_providers(provider, model);
  given constant text := lower(trim(provider));
  n1 constant text := names[1];
  n2 constant text := names[2];
  n3 constant text := names[3];
  n4 constant text := names[4];
  n5 constant text := names[5];
  n6 constant text := names[6];
  n7 constant text := names[7];
begin
  return query
    select d.distance, p.id, p.service_tier, p.above_prompt_tokens, p.valid_from, p.valid_until, p.daily_from, p.daily_until,
           p.input_price, p.cached_price, p.cache_write_price, p.output_price
    from (
      select l.*, 1000000 + array_position(providers, l.provider) * 100000 as base
      from agensight.prices l where l.project_id is null and l.provider = any (providers)
        and (n1 like any (l.model_patterns) or n2 like any (l.model_patterns) or n3 like any (l.model_patterns)
          or n4 like any (l.model_patterns) or n5 like any (l.model_patterns) or n6 like any (l.model_patterns)
          or n7 like any (l.model_patterns))
      union all
      select o.*, coalesce(array_position(providers, o.provider), 0) * 100000
      from agensight.prices o
      where o.project_id = project and (o.provider is null or o.provider = given or o.provider = any (providers))
    ) p
    cross join lateral (
      select (p.base + min(n.place * 1000 + case when pattern ~ '[%_]' then 500 - least(length(pattern), 400) else 0 end))::integer as distance
      from unnest(p.model_patterns) pattern cross join unnest(names) with ordinality n(name, place)
      where n.name like pattern
      having count(*) > 0
    ) d;
end $$;
comment on function agensight_private.price_candidates(uuid, text, text) is
  'Every price that may hold for a model in a project, with its place: the least is best, own prices before the list, then by how well provider, name and pattern fit. Which of them holds depends on the moment, the size of the prompt and the service tier of a call.';

-- Changing prices ----------------------------------------------------------------------------------

create function agensight_private.add_prices(rows jsonb) returns integer
  language plpgsql volatile security invoker set search_path = ''
as $$
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
end $$;
comment on function agensight_private.add_prices(jsonb) is
  'Adds prices that are not known yet, closing the ones that they follow. Takes a list of objects with the columns of prices. Returns how many were new.';

create function agensight_private.set_price(
  project uuid, pattern text, served_by text, tier text, above bigint, since timestamptz,
  input_usd numeric, output_usd numeric, cached_usd numeric, cache_write_usd numeric) returns bigint
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform agensight_private.require_manager(project);
  perform agensight_private.add_prices(jsonb_build_array(jsonb_build_object(
    'project_id', project, 'provider', nullif(lower(trim(served_by)), ''), 'model_patterns', jsonb_build_array(lower(trim(pattern))),
    'service_tier', lower(tier), 'above_prompt_tokens', above, 'valid_from', since,
    'input_price', input_usd / 1000000, 'output_price', output_usd / 1000000, 'cached_price', cached_usd / 1000000,
    'cache_write_price', cache_write_usd / 1000000, 'source', 'set_price()', 'source_date', current_date)));
  return (
    select max(id) from agensight.prices p
    where p.project_id = project and p.model_patterns = array[lower(trim(pattern))] and p.service_tier = lower(tier)
      and p.provider is not distinct from nullif(lower(trim(served_by)), '') and p.above_prompt_tokens = above and p.valid_from = since);
end $$;
comment on function agensight_private.set_price(uuid, text, text, text, bigint, timestamptz, numeric, numeric, numeric, numeric) is
  'The inner step of agensight.set_price().';

create function agensight.set_price(
  project_id uuid, model_pattern text, input_per_million numeric, output_per_million numeric,
  cached_per_million numeric default null, cache_write_per_million numeric default null, provider text default null,
  service_tier text default 'standard', above_prompt_tokens bigint default 0, valid_from timestamptz default '-infinity') returns bigint
  language sql volatile security invoker set search_path = ''
as $$ select agensight_private.set_price($1, $2, $7, $8, $9, $10, $3, $4, $5, $6) $$;
comment on function agensight.set_price(uuid, text, numeric, numeric, numeric, numeric, text, text, bigint, timestamptz) is
  'A project''s own price for the models that match a LIKE pattern, in USD per million tokens; it overrides the list from valid_from on. Without a provider it holds for any provider. Calls that are stored keep their cost until reprice(). Returns the id of the price. For owners, admins and the service role; raises PT403.';
