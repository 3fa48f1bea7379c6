/** Bedrock Converse: `{output: {message}, stopReason, usage}`. */
import type { CallHints, Reply } from './llm-facts.ts';
import { type Fields, fieldOf } from './objects.ts';
import { readCompletion } from './shape-messages.ts';
import { replyOf } from './shape-reply.ts';

export function readBedrock(result: Fields, hints: CallHints): Reply | undefined {
  const message = fieldOf(result.output, 'message');
  if (!message) return undefined;
  return replyOf([readCompletion(message, result.stopReason, null, hints)], result.usage);
}
