/** Token counts in the attributes of a span. */
import { parseJsonText } from '../../json.ts';
import { NO_USAGE, type Usage } from '../provider/model.ts';
import { type Cache, complete, count, readDetails } from '../provider/usage.ts';
import type { Attributes } from '../forms/otel-span.ts';

/** The attribute keys of each count, best first. */
const ATTRIBUTE_KEYS: { [F in keyof Usage]: readonly string[] } = {
  prompt: [
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.prompt_tokens',
    'ai.usage.inputTokens',
    'ai.usage.promptTokens',
    'llm.token_count.prompt',
  ],
  completion: [
    'gen_ai.usage.output_tokens',
    'gen_ai.usage.completion_tokens',
    'ai.usage.outputTokens',
    'ai.usage.completionTokens',
    'llm.token_count.completion',
  ],
  total: [
    'gen_ai.usage.total_tokens',
    'llm.usage.total_tokens',
    'ai.usage.totalTokens',
    'llm.token_count.total',
  ],
  cached: [
    'gen_ai.usage.cache_read.input_tokens',
    'gen_ai.usage.cache_read_input_tokens',
    'gen_ai.usage.cached_input_tokens',
    'gen_ai.usage.details.cache_read_tokens',
    'ai.usage.cachedInputTokens',
    'ai.usage.inputTokenDetails.cacheReadTokens',
    'llm.token_count.prompt_details.cache_read',
  ],
  cache_write: [
    'gen_ai.usage.cache_creation.input_tokens',
    'gen_ai.usage.cache_write.input_tokens',
    'gen_ai.usage.cache_creation_input_tokens',
    'gen_ai.usage.cache_write_input_tokens',
    'gen_ai.usage.details.cache_write_tokens',
    'ai.usage.inputTokenDetails.cacheWriteTokens',
    'llm.token_count.prompt_details.cache_write',
  ],
  reasoning: [
    'gen_ai.usage.reasoning.output_tokens',
    'gen_ai.usage.reasoning_tokens',
    'gen_ai.usage.details.reasoning_tokens',
    'llm.usage.reasoning_tokens',
    'ai.usage.reasoningTokens',
    'ai.usage.outputTokenDetails.reasoningTokens',
    'llm.token_count.completion_details.reasoning',
  ],
};

/** Google's Agent Development Kit: thoughts, in versions whose output counts only the candidates. */
const THOUGHTS_APART = 'gen_ai.usage.experimental.reasoning_tokens';

export function usageOfAttributes(attributes: Attributes): Usage {
  const usage = readCounts(attributes);
  const thoughts = count(attributes[THOUGHTS_APART]);
  if (thoughts !== null && usage.reasoning === null) {
    usage.reasoning = thoughts;
    if (usage.completion !== null) usage.completion += thoughts;
  }
  // LangSmith writes the details as JSON beside the counts.
  const input = attributes['gen_ai.usage.input_token_details'];
  const output = attributes['gen_ai.usage.output_token_details'];
  if (input === undefined && output === undefined) return usage;
  return complete(usage, readDetails([parseJsonText(input), parseJsonText(output)]));
}

function readCounts(attributes: Attributes): Usage {
  const usage = { ...NO_USAGE };
  for (const [field, keys] of Object.entries(ATTRIBUTE_KEYS) as [keyof Usage, string[]][]) {
    for (const key of keys) usage[field] ??= count(attributes[key]);
  }
  return usage;
}

/** Providers, or models behind a gateway, that count cached tokens beside the input. */
const MAY_COUNT_APART = /anthropic|bedrock|claude/i;

/**
 * OpenLLMetry passes on the counts of Anthropic unchanged; others may. For every other provider the
 * cache is part of the input, whatever the numbers: a larger one is wrong and is not added.
 */
export function cacheOf(
  scope: string | null,
  provider: string | null,
  model: string | null,
): Cache {
  if (scope === '@traceloop/instrumentation-anthropic') return 'apart';
  return MAY_COUNT_APART.test(`${provider} ${model}`) ? 'unknown' : 'inside';
}
