/** An Anthropic message: `{type: 'message', id, model, content: [blocks], stop_reason, usage}`. */

import { type Fields, isList } from '../platform/values.ts';
import { readCompletion } from './messages.ts';
import type { CallHints, Reply } from './model.ts';
import { replyOf } from './read-reply.ts';

export function readAnthropic(result: Fields, hints: CallHints): Reply | undefined {
  const { type, content, stop_reason, usage } = result;
  if (type !== 'message' || !isList(content)) return undefined;
  return replyOf([readCompletion(result, stop_reason, result, hints)], usage);
}
