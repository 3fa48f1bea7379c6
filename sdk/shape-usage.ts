/** Token usage as OpenAI and the documentation write it, with the newer input/output names beside. */
import { countOf, fieldOf, Usage } from './llm-facts.ts';

/** The usage, or null when the reply carries none. */
export function readUsage(value: unknown): Usage | null {
  if (typeof value !== 'object' || value === null) return null;
  const given = value as Record<string, unknown>;
  const usage = new Usage();
  usage.promptTokens = countOf(given.prompt_tokens ?? given.input_tokens);
  usage.completionTokens = countOf(given.completion_tokens ?? given.output_tokens);
  usage.totalTokens = countOf(given.total_tokens);
  if (
    usage.totalTokens === null &&
    usage.promptTokens !== null &&
    usage.completionTokens !== null
  ) {
    usage.totalTokens = usage.promptTokens + usage.completionTokens;
  }
  const details = given.prompt_tokens_details ?? given.input_tokens_details;
  usage.cachedTokens = countOf(fieldOf(details, 'cached_tokens'));
  const spent = given.completion_tokens_details ?? given.output_tokens_details;
  usage.reasoningTokens = countOf(fieldOf(spent, 'reasoning_tokens'));
  return usage;
}
