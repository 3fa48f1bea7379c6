/** An Anthropic message: `{type: 'message', id, model, content: [blocks], stop_reason, usage}`. */
import type { CallHints, Reply } from './llm-facts.ts';
import { type Fields, isList } from './objects.ts';
import { readCompletion } from './shape-messages.ts';
import { replyOf } from './shape-reply.ts';

export function readAnthropic(result: Fields, hints: CallHints): Reply | undefined {
  const { type, content, stop_reason, usage } = result;
  if (type !== 'message' || !isList(content)) return undefined;
  return replyOf([readCompletion(result, stop_reason, result, hints)], usage);
}
