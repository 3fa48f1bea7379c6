/** An OpenAI chat completion: `{id, model, choices: [{message, finish_reason}], usage}`. */
import { type CallHints, Completion, fieldOf, type Reply, textOf } from './llm-facts.ts';
import { readContent, readToolCalls } from './shape-messages.ts';
import { readUsage } from './shape-usage.ts';

export function readOpenAiChat(result: unknown, hints: CallHints): Reply | undefined {
  const choices = fieldOf(result, 'choices');
  if (!Array.isArray(choices) || choices.length === 0) return undefined;
  const completions: Completion[] = [];
  for (const choice of choices) {
    const message = fieldOf(choice, 'message');
    if (typeof message !== 'object' || message === null) return undefined;
    const completion = new Completion();
    completion.role = textOf(fieldOf(message, 'role')) ?? 'assistant';
    const content = fieldOf(message, 'content');
    if (typeof content === 'string') completion.content = content;
    else if (content !== undefined && content !== null) readContent(content, completion);
    // A refusal stands where the answer would have stood.
    else completion.content = textOf(fieldOf(message, 'refusal'));
    completion.toolCalls = readToolCalls(message);
    completion.finishReason = textOf(fieldOf(choice, 'finish_reason'));
    completion.model = textOf(fieldOf(result, 'model')) ?? hints.model;
    completion.responseId = textOf(fieldOf(result, 'id'));
    completions.push(completion);
  }
  if (completions[0]) completions[0].usage = readUsage(fieldOf(result, 'usage'));
  return { completions, tools: null };
}
