/** Names of token counts that nest by dots: in attributes under a prefix, and in objects of frameworks. */
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { NO_USAGE, type Usage } from '../provider/model.ts';
import { count, settle } from '../provider/usage.ts';

export type CountName = keyof Usage;

/** The names of each count, best first. */
const NAMES: { readonly [F in CountName]: string } = {
  prompt:
    'input_tokens prompt_tokens inputTokens promptTokens promptTokenCount prompt_token_count inputTokenCount input prompt input_token_count prompt_eval_count InputTokenCount tokens.input input_modality_1 tokens',
  completion:
    'output_tokens completion_tokens outputTokens completionTokens candidatesTokenCount candidates_token_count outputTokenCount output completion output_token_count eval_count generationTokens output_modality_1',
  total:
    'total_tokens totalTokens totalTokenCount total_token_count total total_count TotalTokenCount',
  cached:
    'cache_read.input_tokens prompt_tokens_details.cached_tokens input_tokens_details.cached_tokens input_token_details.cache_read prompt_details.cache_read cache_read_input_tokens cacheReadInputTokens cacheReadInputTokenCount cachedContentTokenCount cached_content_token_count cache_read_tokens cached_tokens cached_input_tokens input_cached_tokens input_cache_read cache_read cachedInputTokens inputTokenDetails.cacheReadTokens promptTokensDetails.cachedTokens prompt_cache_hit_tokens input_token_details.cached details.cache_read_tokens details.cached_tokens details.cached_content_tokens cachedContentTokens prompt_tokens_details.cached prompt_cached_tokens details.cache_read_input_tokens input_cached input_tokens.cached prompt_details.cached_tokens',
  cache_write:
    'cache_creation.input_tokens cache_write.input_tokens cache_creation_input_tokens cacheWriteInputTokens cacheWriteInputTokenCount cache_write_input_tokens cache_write_tokens input_token_details.cache_creation inputTokenDetails.cacheWriteTokens input_cache_creation prompt_details.cache_write prompt_tokens_details.cache_creation_tokens prompt_tokens_details.cache_write_tokens details.cache_write_tokens details.cache_creation_input_tokens cache_creation_tokens input_token_details.ephemeral_5m_input_tokens input_token_details.ephemeral_1h_input_tokens',
  reasoning:
    'reasoning.output_tokens completion_tokens_details.reasoning_tokens output_tokens_details.reasoning_tokens output_token_details.reasoning completion_details.reasoning thoughtsTokenCount thoughts_token_count reasoning_tokens output_reasoning_tokens output_reasoning reasoning completionTokensDetails.reasoningTokens outputTokenDetails.reasoningTokens details.reasoning_tokens details.thoughts_tokens thoughtsTokens reasoning_output_tokens completion_tokens_details.reasoning reasoningTokens experimental.reasoning_tokens',
};

export interface NamedCount {
  field: CountName;
  rank: number;
}

/** The count that each name stands for. */
export const COUNT_NAMES: ReadonlyMap<string, NamedCount> = /* @__PURE__ */ (() => {
  const names = new Map<string, NamedCount>();
  for (const [field, words] of Object.entries(NAMES) as [CountName, string][]) {
    words.split(' ').forEach((word, rank) => {
      names.set(word, { field, rank });
    });
  }
  return names;
})();

/** Most levels of objects in which counts are looked for. */
const MAX_DEPTH = 2;

/** The counts in an object, also in the objects inside it; null when it has none. */
export function usageIn(value: JsonObject): Usage | null {
  const usage = { ...NO_USAGE };
  const ranks = new Map<CountName, number>();
  collect(value, '', 0, usage, ranks);
  return ranks.size > 0 ? settle(usage, 'inside') : null;
}

function collect(
  value: JsonObject,
  prefix: string,
  depth: number,
  usage: Usage,
  ranks: Map<CountName, number>,
): void {
  for (const key in value) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    const named = COUNT_NAMES.get(name);
    const held = value[key];
    if (isObject(held)) {
      if (depth < MAX_DEPTH) collect(held, name, depth + 1, usage, ranks);
    } else if (named !== undefined) addCount(held, named, usage, ranks);
  }
}

/** Zeros stand for unknown counts where another name has one. */
const ZERO = 1_000;

function addCount(
  value: JsonValue | undefined,
  { field, rank }: NamedCount,
  usage: Usage,
  ranks: Map<CountName, number>,
): void {
  const tokens = count(value);
  if (tokens === null) return;
  const trust = tokens > 0 ? rank : rank + ZERO;
  if (trust >= (ranks.get(field) ?? Number.POSITIVE_INFINITY)) return;
  usage[field] = tokens;
  ranks.set(field, trust);
}
