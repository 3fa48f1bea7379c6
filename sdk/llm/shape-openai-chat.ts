/** An OpenAI chat completion: `{id, model, choices: [{message, finish_reason}], usage}`. */

import { type Fields, isList, isObject } from '../platform/values.ts';
import { readCompletion } from './messages.ts';
import type { CallHints, Reply } from './model.ts';
import { replyOf } from './read-reply.ts';

export function readOpenAiChat(result: Fields, hints: CallHints): Reply | undefined {
  const { choices, usage } = result;
  if (!isList(choices) || choices.length === 0) return undefined;
  const completions = [];
  for (const choice of choices.filter(Boolean)) {
    // A message that came in pieces is still called a delta; a legacy completion is bare text.
    const { text } = choice ?? {};
    const message = choice?.message ?? choice?.delta ?? (text == null ? null : { content: text });
    if (!isObject(message)) return undefined;
    completions.push(readCompletion(message, choice.finish_reason, result, hints));
  }
  return replyOf(completions, usage);
}
