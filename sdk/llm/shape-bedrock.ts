/** Bedrock Converse: `{output: {message}, stopReason, usage}`. */

import { type Fields, fieldOf } from '../platform/values.ts';
import { readCompletion } from './messages.ts';
import type { CallHints, Reply } from './model.ts';
import { replyOf } from './read-reply.ts';

export function readBedrock(result: Fields, hints: CallHints): Reply | undefined {
  const message = fieldOf(result.output, 'message');
  if (!message) return undefined;
  return replyOf([readCompletion(message, result.stopReason, null, hints)], result.usage);
}
