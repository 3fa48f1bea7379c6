CREATE OR REPLACE FUNCTION agensight_private.price_candidates (
  project  uuid,
  provider text,
  model    text
)
  RETURNS TABLE (
    place               integer,
    id                  bigint,
    service_tier        text,
    above_prompt_tokens bigint,
    valid_from          timestamp with time zone,
    valid_until         timestamp with time zone,
    daily_from          time without time zone,
    daily_until         time without time zone,
    input_price         numeric,
    cached_price        numeric,
    cache_write_price   numeric,
    output_price        numeric
  )
  LANGUAGE plpgsql
  STABLE
  ROWS 2
  SET search_path TO ''
  AS $function$
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
end $function$;

COMMENT ON FUNCTION "agensight_private"."price_candidates"(uuid, text, text) IS 'Every price that may hold for a model in a project, with its place: the least is best, own prices before the list, then by how well provider, name and pattern fit. Which of them holds depends on the moment, the size of the prompt and the service tier of a call.';

REVOKE ALL ON FUNCTION "agensight_private"."price_candidates"(uuid, text, text) FROM PUBLIC;
