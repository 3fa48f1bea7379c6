/** A LangChain message of the model: `{content, tool_calls, usage_metadata, response_metadata}`. */

import { type Fields, isObject } from '../platform/values.ts';
import { readCompletion } from './messages.ts';
import type { CallHints, Reply } from './model.ts';
import { replyOf } from './read-reply.ts';

export function readLangChain(result: Fields, hints: CallHints): Reply | undefined {
  const { response_metadata: about, usage_metadata, id } = result;
  if (!isObject(about) || !('content' in result)) return undefined;
  const named = { model: about.model_name ?? about.model, id };
  const reason = about.finish_reason ?? about.stop_reason ?? about.finishReason;
  return replyOf([readCompletion(result, reason, named, hints)], usage_metadata);
}
