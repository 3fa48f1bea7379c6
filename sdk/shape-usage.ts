/** Token usage as OpenAI and the documentation write it, with the newer input/output names beside. */
import { countOf, fieldOf, type Usage } from './llm-facts.ts';

/** The usage, or null when the reply carries none. */
export function readUsage(value: unknown): Usage | null {
  if (typeof value !== 'object' || value === null) return null;
  const given = value as Record<string, unknown>;
  const promptTokens = countOf(given.prompt_tokens ?? given.input_tokens);
  const completionTokens = countOf(given.completion_tokens ?? given.output_tokens);
  const sum =
    promptTokens === null || completionTokens === null ? null : promptTokens + completionTokens;
  const asked = given.prompt_tokens_details ?? given.input_tokens_details;
  const spent = given.completion_tokens_details ?? given.output_tokens_details;
  return {
    promptTokens,
    completionTokens,
    totalTokens: countOf(given.total_tokens) ?? sum,
    cachedTokens: countOf(fieldOf(asked, 'cached_tokens')),
    reasoningTokens: countOf(fieldOf(spent, 'reasoning_tokens')),
  };
}
