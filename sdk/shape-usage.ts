/** Token usage as OpenAI and the documentation write it, with the newer input/output names beside. */
import { countOf, type Usage } from './llm-facts.ts';
import { fieldOf, isObject } from './objects.ts';

/** The usage, or null when the reply carries none. */
export function readUsage(value: unknown): Usage | null {
  if (!isObject(value)) return null;
  const given = value;
  const prompt_tokens = countOf(given.prompt_tokens ?? given.input_tokens);
  const completion_tokens = countOf(given.completion_tokens ?? given.output_tokens);
  const sum =
    prompt_tokens === null || completion_tokens === null ? null : prompt_tokens + completion_tokens;
  const asked = given.prompt_tokens_details ?? given.input_tokens_details;
  const spent = given.completion_tokens_details ?? given.output_tokens_details;
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: countOf(given.total_tokens) ?? sum,
    cached_tokens: countOf(fieldOf(asked, 'cached_tokens')),
    reasoning_tokens: countOf(fieldOf(spent, 'reasoning_tokens')),
  };
}
