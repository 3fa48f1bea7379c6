/** An OpenAI chat completion: `{id, model, choices: [{message, finish_reason}], usage}`. */
import type { CallHints, Completion, Reply } from './llm-facts.ts';
import { fieldOf, isObject } from './objects.ts';
import { readCompletion } from './shape-messages.ts';
import { readUsage } from './shape-usage.ts';

export function readOpenAiChat(result: unknown, hints: CallHints): Reply | undefined {
  const choices = fieldOf(result, 'choices');
  if (!Array.isArray(choices) || choices.length === 0) return undefined;
  const completions: Completion[] = [];
  for (const choice of choices.filter(Boolean)) {
    // A message that came in pieces is still called a delta.
    const message = fieldOf(choice, 'message') ?? fieldOf(choice, 'delta');
    if (!isObject(message)) return undefined;
    completions.push(readCompletion(message, choice, result, hints));
  }
  (completions[0] as Completion).usage = readUsage(fieldOf(result, 'usage'));
  return { completions, tools: null };
}
