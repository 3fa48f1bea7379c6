/**
 * Token usage in one meaning, whoever counted: prompts include the cache, completions the reasoning.
 */
import { LIMITS } from '../wire/protocol.ts';
import type { Usage } from './llm-facts.ts';
import { type Fields, isObject } from './objects.ts';

/** What providers call each count, best first. */
const NAMES = {
  prompt_tokens: 'prompt_tokens input_tokens promptTokenCount inputTokens promptTokens',
  completion_tokens:
    'completion_tokens output_tokens candidatesTokenCount outputTokens completionTokens',
  total_tokens: 'total_tokens totalTokenCount totalTokens',
  cached_tokens:
    'cached_tokens cache_read_input_tokens cachedContentTokenCount cacheReadInputTokens cacheReadTokens cachedInputTokens cache_read',
  cache_write_tokens:
    'cache_creation_input_tokens cacheWriteInputTokens cacheWriteTokens cache_creation',
  reasoning_tokens: 'reasoning_tokens thoughtsTokenCount reasoningTokens reasoning',
};

/** The usage, or null when the reply carries none. */
export function readUsage(given: unknown): Usage | null {
  if (!isObject(given)) return null;
  const all: Fields = {};
  // Details first: `prompt_tokens_details`, `inputTokenDetails`. A total has precedence over them.
  for (const key in given) if (/details$/i.test(key)) Object.assign(all, given[key]);
  Object.assign(all, given);
  const usage: Record<string, number | null> = {};
  for (const [field, names] of Object.entries(NAMES)) {
    usage[field] =
      names
        .split(' ')
        .map((name) => countOf(all[name]))
        .find((count) => count !== null) ?? null;
  }
  const { cached_tokens, cache_write_tokens, reasoning_tokens } = usage;
  const add = (field: string, more: number): void => {
    const count = usage[field];
    if (more > 0 && count != null) usage[field] = count + more;
  };
  // Anthropic and Bedrock count the cache beside the input, Gemini its thoughts beside the answer.
  if (/cache_?(read|creation|write)_?input/i.test(Object.keys(given).join())) {
    add('prompt_tokens', (cached_tokens ?? 0) + (cache_write_tokens ?? 0));
  }
  if ('thoughtsTokenCount' in given) add('completion_tokens', reasoning_tokens ?? 0);
  const { prompt_tokens, completion_tokens } = usage;
  if (prompt_tokens != null && completion_tokens != null) {
    const sum = prompt_tokens + completion_tokens;
    // A total may count more than these two, but never less.
    usage.total_tokens = Math.max(usage.total_tokens ?? 0, sum);
  }
  return usage as Usage;
}

/** A whole number that a counter column can hold, or null. */
const countOf = (value: unknown): number | null =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= LIMITS.maxCount
    ? (value as number)
    : null;
