/** Token counts with one meaning: prompt tokens include the cache, completion tokens the reasoning. */

import { parseJsonText } from '../../json.ts';
import { LIMITS } from '../../protocol.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { NO_USAGE, type Usage } from './model.ts';

/** The names of counts in the usage objects of all providers. */
const BODY_KEYS: { [F in keyof Usage]: readonly string[] } = {
  prompt: [
    'prompt_tokens',
    'input_tokens',
    'promptTokenCount',
    'prompt_token_count',
    'inputTokens',
    'promptTokens',
  ],
  completion: [
    'completion_tokens',
    'output_tokens',
    'candidatesTokenCount',
    'candidates_token_count',
    'outputTokens',
    'completionTokens',
  ],
  total: ['total_tokens', 'totalTokenCount', 'total_token_count', 'totalTokens'],
  cached: [
    'cache_read_input_tokens',
    'cached_tokens',
    'cache_read',
    'cachedContentTokenCount',
    'cached_content_token_count',
    'cacheReadInputTokens',
    'cachedInputTokens',
    'cachedTokens',
    'cachedPromptTokens',
    'promptCacheHitTokens',
    'prompt_cache_hit_tokens',
  ],
  cache_write: [
    'cache_creation_input_tokens',
    'cache_creation',
    'cacheWriteInputTokens',
    'cacheCreationInputTokens',
    'cache_write',
  ],
  reasoning: [
    'reasoning_tokens',
    'reasoning',
    'thoughtsTokenCount',
    'thoughts_token_count',
    'reasoningTokens',
  ],
};

/** Anthropic's two kinds of cache writes, for LangChain and LangSmith, which omit their sum. */
const WRITES_BY_LIFETIME = ['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'] as const;

const DETAIL_KEYS = [
  'prompt_tokens_details',
  'completion_tokens_details',
  'input_tokens_details',
  'output_tokens_details',
  'input_token_details',
  'output_token_details',
  'promptTokensDetails',
  'completionTokensDetails',
] as const;

const FIELDS = /* @__PURE__ */ Object.keys(NO_USAGE) as (keyof Usage)[];

/**
 * A whole number of at least 0; null for any other value. Some senders write text, and some compute in
 * doubles and are off by a fraction. An invalid count must not reject the row.
 */
export function count(value: JsonValue | undefined): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !(number >= 0)) return null;
  return bounded(Math.round(number));
}

function bounded(count: number | null): number | null {
  return count !== null && count <= LIMITS.maxCount ? count : null;
}

/** Counts that only Anthropic and Bedrock report under these names, beside the input. */
const APART_KEYS = [
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cacheReadInputTokens',
  'cacheWriteInputTokens',
  'cacheCreationInputTokens',
] as const;

/** Normalized usage of a response body; null when the value is not a usage object. */
export function usageOfBody(value: JsonValue | undefined): Usage | null {
  const body = parseJsonText(value);
  if (!isObject(body)) return null;
  const inner = readDetails(DETAIL_KEYS.map((key) => body[key]));
  const usage = complete(readCounts(body, BODY_KEYS), {
    ...inner,
    prompt: null,
    completion: null,
    total: null,
  });
  const forTools = count(body.toolUsePromptTokenCount ?? body.tool_use_prompt_token_count);
  if (forTools !== null && usage.prompt !== null) usage.prompt += forTools;
  // Gemini reports no candidates when all tokens were thoughts.
  if (body.thoughtsTokenCount ?? body.thoughts_token_count) usage.completion ??= 0;
  return settle(usage, isApart(body) ? 'apart' : 'inside');
}

/** Whether a usage object counts the cache beside the input. */
export function isApart(body: JsonValue | undefined): boolean {
  return isObject(body) && APART_KEYS.some((key) => body[key] !== undefined);
}

/** Fills unknown counts from another source. */
export function complete(usage: Usage, other: Usage | null): Usage {
  if (other === null) return usage;
  const filled = { ...usage };
  for (const field of FIELDS) filled[field] ??= other[field];
  return filled;
}

/** Whether the prompt tokens include the cached tokens. */
export type Cache = 'inside' | 'apart' | 'unknown';

/**
 * Normalizes usage. Anthropic counts cached tokens beside the input, and Gemini thoughts beside the
 * candidates; an instrumentation passes that on or adds them up. Where neither key nor scope states
 * which, the sums do: a part cannot exceed the whole.
 */
export function settle(usage: Usage, where: Cache): Usage {
  const { prompt, completion, cached, cache_write, reasoning } = usage;
  let { total } = usage;
  let settledPrompt = prompt;
  let settledCompletion = completion;
  const cache = (cached ?? 0) + (cache_write ?? 0);
  if (prompt !== null && cache > 0) {
    const addsUp = completion !== null && total === prompt + completion + cache;
    if (where === 'apart' || addsUp || (where === 'unknown' && cache > prompt)) {
      settledPrompt = prompt + cache;
      total = null;
    }
  }
  if (prompt !== null && completion !== null && reasoning !== null && reasoning > 0) {
    const isApart =
      total === null ? reasoning > completion : total === prompt + completion + reasoning;
    if (isApart) settledCompletion = completion + reasoning;
  }
  if (total === null && settledPrompt !== null && settledCompletion !== null) {
    total = settledPrompt + settledCompletion;
  }
  return {
    ...usage,
    prompt: bounded(settledPrompt),
    completion: bounded(settledCompletion),
    total: bounded(total),
  };
}

export function readCounts(
  source: JsonObject,
  keys: { [F in keyof Usage]: readonly string[] },
): Usage {
  const usage = { ...NO_USAGE };
  for (const field of FIELDS) {
    for (const key of keys[field]) {
      const value = source[key];
      if (value === undefined) continue;
      usage[field] = count(value);
      if (usage[field] !== null) break;
    }
  }
  return usage;
}

export function readDetails(values: readonly (JsonValue | undefined)[]): Usage {
  const details: JsonObject = Object.assign({}, ...values.filter(isObject));
  const usage = readCounts(details, BODY_KEYS);
  const writes = WRITES_BY_LIFETIME.map((key) => count(details[key]));
  if (!usage.cache_write && writes.some((write) => write !== null)) {
    usage.cache_write = writes.reduce<number>((sum, write) => sum + (write ?? 0), 0);
  }
  return usage;
}
