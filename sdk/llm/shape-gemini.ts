/** Google GenAI: `{candidates: [{content: {parts}, finishReason}], usageMetadata, modelVersion}`. */

import { type Fields, isList } from '../platform/values.ts';
import { readCompletion } from './messages.ts';
import type { CallHints, Reply } from './model.ts';
import { replyOf } from './read-reply.ts';

export function readGemini(result: Fields, hints: CallHints): Reply | undefined {
  const { candidates, modelVersion, responseId, usageMetadata } = result;
  if (!isList(candidates) || candidates.length === 0) return undefined;
  const named = { model: modelVersion, id: responseId };
  const completions = candidates.map((candidate) =>
    readCompletion(candidate?.content, candidate?.finishReason, named, hints),
  );
  return replyOf(completions, usageMetadata);
}
