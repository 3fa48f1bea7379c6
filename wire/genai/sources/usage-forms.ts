/** Usage in forms of their own, by the key that has it. */
import type { JsonObject } from '../../records.ts';
import { isObject } from '../../values.ts';
import type { Usage } from '../provider/model.ts';
import { complete, count, isApart, settle, usageOfBody } from '../provider/usage.ts';

/** Reads usage; `counted` is what better places state, and `has` whether the span has an attribute. */
type UsageForm = (value: JsonObject, counted: Usage, has: (key: string) => boolean) => Usage;

/**
 * Langfuse's own wrappers subtract every detail (`input_cached_tokens`, `output_reasoning_tokens`, ...)
 * from `input` and `output`, and keep the true total. Applications also set the keys by hand, with the
 * provider's names, and then the details may be included: the total shows which.
 */
const langfuseDetails: UsageForm = (details, counted) => {
  const input = count(details.input);
  const output = count(details.output);
  if (input === null && output === null) return complete(counted, usageOfBody(details));
  const total = count(details.total);
  const isInside = total !== null && total === (input ?? 0) + (output ?? 0);
  const usage = {
    prompt: isInside ? input : plus(input, sumOf(details, INPUT_DETAIL)),
    completion: isInside ? output : plus(output, sumOf(details, OUTPUT_DETAIL)),
    total,
    cached: firstCount(details, CACHED),
    cache_write: firstCount(details, WRITTEN),
    reasoning: firstCount(details, REASONED),
  };
  return complete(settle(usage, 'inside'), counted);
};

/** Names used by the wrappers, by the handler for LangChain, and by hand. */
const CACHED = [
  'input_cached_tokens',
  'input_cache_read',
  'cache_read_input_tokens',
  'input_cached_content_tokens',
] as const;
const WRITTEN = ['input_cache_creation', 'cache_creation_input_tokens'] as const;
const REASONED = ['output_reasoning_tokens', 'output_reasoning', 'reasoning_tokens'] as const;

function firstCount(details: JsonObject, keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = count(details[key]);
    if (value !== null) return value;
  }
  return null;
}

const INPUT_DETAIL = ['input_', 'cache_'] as const;
const OUTPUT_DETAIL = ['output_', 'reasoning_'] as const;

function sumOf(details: JsonObject, prefixes: readonly string[]): number {
  let sum = 0;
  for (const key in details) {
    if (prefixes.some((prefix) => key.startsWith(prefix))) sum += count(details[key]) ?? 0;
  }
  return sum;
}

function plus(value: number | null, more: number): number | null {
  return value === null ? null : value + more;
}

/**
 * Before version 6 the Vercel AI SDK left the cache of Anthropic and Bedrock and the thoughts of Gemini
 * out of its counts. The counts of the provider are in the metadata: all of them, or only the cache.
 */
const vercelMetadata: UsageForm = (metadata, counted, has) => {
  if (has('ai.usage.inputTokenDetails.noCacheTokens')) return counted;
  for (const ofProvider of Object.values(metadata)) {
    if (!isObject(ofProvider)) continue;
    const body = ofProvider.usage ?? ofProvider.usageMetadata ?? ofProvider;
    const usage = usageOfBody(body);
    if (usage === null || Object.values(usage).every((tokens) => tokens === null)) continue;
    if (usage.prompt !== null) return complete(usage, counted);
    if (isApart(body)) return settle(complete(counted, usage), 'apart');
    return complete(counted, usage);
  }
  return counted;
};

export const USAGE_FORMS: ReadonlyMap<string, UsageForm> = /* @__PURE__ */ new Map([
  ['langfuse.observation.usage_details', langfuseDetails],
  ['ai.response.providerMetadata', vercelMetadata],
]);
