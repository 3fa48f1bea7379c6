/** An OpenAI chat completion: `{id, model, choices: [{message, finish_reason}], usage}`. */
import { type CallHints, type Completion, fieldOf, type Reply } from './llm-facts.ts';
import { readCompletion } from './shape-messages.ts';
import { readUsage } from './shape-usage.ts';

export function readOpenAiChat(result: unknown, hints: CallHints): Reply | undefined {
  const choices = fieldOf(result, 'choices');
  if (!Array.isArray(choices) || choices.length === 0) return undefined;
  const completions: Completion[] = [];
  for (const choice of choices) {
    const message = fieldOf(choice, 'message');
    if (typeof message !== 'object' || message === null) return undefined;
    completions.push(readCompletion(message, choice, result, hints));
  }
  (completions[0] as Completion).usage = readUsage(fieldOf(result, 'usage'));
  return { completions, tools: null };
}
