/**
 * Token usage with one meaning for all providers: prompt tokens include cached ones, completion tokens
 * include reasoning.
 */
import { LIMITS } from '../../wire/protocol.ts';
import { type Fields, hasFields } from '../platform/values.ts';
import type { Usage } from './model.ts';

/** The providers' names of each count, in order of precedence after our own name. */
const OTHER_NAMES = {
  prompt_tokens:
    'input_tokens promptTokenCount inputTokens promptTokens prompt_token_count inputTextTokenCount tokens',
  completion_tokens:
    'output_tokens candidatesTokenCount outputTokens completionTokens generation_token_count tokenCount',
  total_tokens: 'totalTokenCount totalTokens',
  cached_tokens:
    'cache_read_input_tokens cachedContentTokenCount cacheReadInputTokens cacheReadTokens cachedInputTokens cache_read prompt_cache_hit_tokens',
  cache_write_tokens:
    'cache_creation_input_tokens cacheWriteInputTokens cacheWriteTokens cache_creation',
  reasoning_tokens: 'thoughtsTokenCount reasoningTokens reasoning',
};

type Field = keyof typeof OTHER_NAMES;

/** Each name with its count and its rank; 0 has precedence. */
const COUNTS = new Map(
  Object.entries(OTHER_NAMES).flatMap(([field, names]) =>
    [field, ...names.split(' ')].map(
      (name, rank) => [name, { field: field as Field, rank }] as const,
    ),
  ),
);

/** Names of providers that count cached tokens apart from input tokens: Anthropic and Bedrock. */
const CACHE_BESIDE_INPUT = /(read|creation|write)_?input/i;

/** The usage, or null when the reply has none. */
export function readUsage(given: unknown): Usage | null {
  if (!hasFields(given)) return null;
  const usage: Record<Field, number | null> = {
    prompt_tokens: null,
    completion_tokens: null,
    total_tokens: null,
    cached_tokens: null,
    cache_write_tokens: null,
    reasoning_tokens: null,
  };
  const ranks = {} as Record<Field, number>;
  let cacheIsBeside = false;
  const read = (place: Fields): void => {
    for (const key in place) {
      const found = COUNTS.get(key);
      if (!found) continue;
      if (place === given && CACHE_BESIDE_INPUT.test(key)) cacheIsBeside = true;
      const { field, rank } = found;
      const count = place[key];
      if (!isCount(count) || rank >= (ranks[field] ?? Number.POSITIVE_INFINITY)) continue;
      usage[field] = count;
      ranks[field] = rank;
    }
  };
  read(given);
  // A count has precedence over those in details: `prompt_tokens_details`, `inputTokenDetails`.
  for (const key in given) {
    const details = key.endsWith('etails') && given[key];
    if (hasFields(details)) read(details);
  }
  const { cached_tokens, cache_write_tokens, reasoning_tokens } = usage;
  const add = (field: Field, more: number): void => {
    const count = usage[field];
    if (more > 0 && count !== null) usage[field] = count + more;
  };
  if (cacheIsBeside) add('prompt_tokens', (cached_tokens ?? 0) + (cache_write_tokens ?? 0));
  // Gemini counts thoughts apart from candidates.
  if ('thoughtsTokenCount' in given) add('completion_tokens', reasoning_tokens ?? 0);
  const { prompt_tokens, completion_tokens } = usage;
  if (prompt_tokens !== null && completion_tokens !== null) {
    const sum = prompt_tokens + completion_tokens;
    // A total may include more than the two, but not less.
    usage.total_tokens = Math.max(usage.total_tokens ?? 0, sum);
  }
  return usage;
}

/** Whether the value fits into a column of type `count`. */
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= LIMITS.maxCount;
