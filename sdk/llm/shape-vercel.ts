/** The Vercel AI SDK: `{text, toolCalls, finishReason, usage, totalUsage, response}`. */

import { type Fields, fieldOf } from '../platform/values.ts';
import { readCompletion } from './messages.ts';
import type { CallHints, Reply } from './model.ts';
import { replyOf } from './read-reply.ts';

export function readVercel(result: Fields, hints: CallHints): Reply | undefined {
  if (!('finishReason' in result && 'usage' in result)) return undefined;
  const { text, object, toolCalls, finishReason, totalUsage, usage, response } = result;
  const content = text ?? object;
  const named = { model: fieldOf(response, 'modelId'), id: fieldOf(response, 'id') };
  const message = {
    content: typeof content === 'object' ? JSON.stringify(content) : content,
    toolCalls,
  };
  return replyOf([readCompletion(message, finishReason, named, hints)], totalUsage ?? usage);
}
