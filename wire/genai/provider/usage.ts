/** Token counts with one meaning: prompt tokens include the cache, completion tokens the reasoning. */

import { parseJsonText } from '../../json.ts';
import { LIMITS } from '../../protocol.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { NO_USAGE, type Usage } from './model.ts';

/** The names of counts in the usage objects of all providers, best first; also in camel case. */
const NAMES: { readonly [F in keyof Usage]: string } = {
  prompt:
    'prompt_tokens input_tokens prompt_token_count input_text_token_count prompt_eval_count tokens',
  completion:
    'completion_tokens output_tokens candidates_token_count generation_token_count eval_count token_count',
  total: 'total_tokens total_token_count',
  cached:
    'cached_tokens cache_read_input_tokens cache_read cached_content_token_count cache_read_input_token_count cache_read_tokens cached_input_tokens cached_prompt_tokens prompt_cache_hit_tokens',
  cache_write:
    'cache_creation_input_tokens cache_write_input_tokens cache_write_input_token_count cache_write_tokens cache_creation cache_write',
  reasoning: 'reasoning_tokens reasoning thoughts_token_count',
};

const FIELDS = /* @__PURE__ */ Object.keys(NO_USAGE) as (keyof Usage)[];

/** Each name with its count and its rank; 0 has precedence. */
const COUNTS = /* @__PURE__ */ namedCounts();

function namedCounts(): Map<string, { field: keyof Usage; rank: number }> {
  const counts = new Map<string, { field: keyof Usage; rank: number }>();
  for (const field of FIELDS) {
    NAMES[field].split(' ').forEach((name, rank) => {
      counts.set(name, { field, rank });
      counts.set(
        name.replace(/_./g, (pair) => pair.slice(1).toUpperCase()),
        { field, rank },
      );
    });
  }
  return counts;
}

/**
 * The start of the names of Anthropic's cache writes, by their lifetime: `ephemeral_5m_input_tokens`.
 * LangChain and LangSmith omit their sum.
 */
const WRITES_BY_LIFETIME = 'ephemeral_';

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

/** Names under which only Anthropic and Bedrock report counts, beside the input. */
const APART = /^cache_?(read|creation|write)_?input/i;

/** Normalized usage of a response body; null when the value is not a usage object. */
export function usageOfBody(value: JsonValue | undefined): Usage | null {
  const body = parseJsonText(value);
  if (!isObject(body)) return null;
  // Cohere has what it bills beside what it counts.
  const counted = body.tokens ?? body.billed_units;
  if (isObject(counted)) return usageOfBody(counted);
  const usage = { ...NO_USAGE };
  const ranks: Ranks = {};
  readNames(body, false, usage, ranks);
  // `prompt_tokens_details`, `inputTokenDetails`, ...
  for (const key in body) if (key.endsWith('etails')) readNames(body[key], true, usage, ranks);
  const forTools = count(body.toolUsePromptTokenCount ?? body.tool_use_prompt_token_count);
  if (forTools !== null && usage.prompt !== null) usage.prompt += forTools;
  const { prompt, total, cached, cache_write } = usage;
  if (body.thoughtsTokenCount ?? body.thoughts_token_count) {
    // Gemini reports no candidates when all tokens were thoughts, and counts thoughts apart.
    usage.completion ??= 0;
    if (prompt !== null) usage.total ??= prompt + usage.completion + (usage.reasoning ?? 0);
  }
  // Some pass these names on with the cache included; then the sum shows it.
  const isIncluded =
    total !== null &&
    total === (prompt ?? 0) + (usage.completion ?? 0) &&
    (cached ?? 0) + (cache_write ?? 0) <= (prompt ?? 0);
  const settled = settle(usage, isApart(body) && !isIncluded ? 'apart' : 'inside');
  if (settled.prompt !== null && settled.completion !== null && settled.total !== null) {
    // A total may include more than the two, but not less.
    settled.total = Math.max(settled.total, settled.prompt + settled.completion);
  }
  return settled;
}

/** Whether a usage object counts the cache beside the input. */
export function isApart(body: JsonValue | undefined): boolean {
  if (!isObject(body) || body.prompt_tokens !== undefined) return false;
  for (const key in body) if (APART.test(key)) return true;
  return false;
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

type Ranks = { [F in keyof Usage]?: number };

/** Adds the counts of a usage object, or of its details, which have parts of the counts alone. */
function readNames(
  place: JsonValue | undefined,
  isDetails: boolean,
  usage: Usage,
  ranks: Ranks,
): void {
  if (!isObject(place)) return;
  let written = 0;
  for (const key in place) {
    const named = COUNTS.get(key);
    if (named === undefined) {
      if (key.startsWith(WRITES_BY_LIFETIME)) written += count(place[key]) ?? 0;
      continue;
    }
    const { field, rank } = named;
    if (isDetails && (field === 'prompt' || field === 'completion' || field === 'total')) continue;
    const tokens = rank < (ranks[field] ?? COUNTS.size) ? count(place[key]) : null;
    if (tokens === null) continue;
    usage[field] = tokens;
    ranks[field] = rank;
  }
  if (written > 0 && !usage.cache_write) usage.cache_write = written;
}

/** Cached and reasoning tokens in objects of details. */
export function readDetails(details: readonly (JsonValue | undefined)[]): Usage {
  const usage = { ...NO_USAGE };
  const ranks: Ranks = {};
  for (const place of details) readNames(place, true, usage, ranks);
  return usage;
}
