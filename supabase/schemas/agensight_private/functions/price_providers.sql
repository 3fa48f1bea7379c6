CREATE OR REPLACE FUNCTION agensight_private.price_providers (
  provider text,
  model    text
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
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
end $function$;

COMMENT ON FUNCTION "agensight_private"."price_providers"(text, text) IS 'Whose list prices may hold for a provider and model as a client names them, the best first; none for a provider without a list.';

REVOKE ALL ON FUNCTION "agensight_private"."price_providers"(text, text) FROM PUBLIC;
