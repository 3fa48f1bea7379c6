CREATE OR REPLACE FUNCTION agensight_private.model_names (
  model text
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
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
end $function$;

COMMENT ON FUNCTION "agensight_private"."model_names"(text) IS 'The names under which a model may be listed, the best first; null at a step that changed nothing.';

REVOKE ALL ON FUNCTION "agensight_private"."model_names"(text) FROM PUBLIC;
