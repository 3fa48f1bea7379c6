/** An OpenAI response: `{object: 'response', output: [items], status, usage}`. */

import { type Fields, fieldOf, isList } from '../platform/values.ts';
import { readCompletion } from './messages.ts';
import type { CallHints, Reply } from './model.ts';
import { replyOf } from './read-reply.ts';

export function readOpenAiResponse(result: Fields, hints: CallHints): Reply | undefined {
  const { object, output, status, incomplete_details, usage } = result;
  if (object !== 'response' || !isList(output)) return undefined;
  const content = output.flatMap((item) => (item?.type === 'message' ? item.content : item));
  const reason = fieldOf(incomplete_details, 'reason') ?? status;
  return replyOf([readCompletion({ content }, reason, result, hints)], usage);
}
