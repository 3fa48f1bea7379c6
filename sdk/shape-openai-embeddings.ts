/** OpenAI embeddings: `{object: 'list', data: [{embedding}], model, usage}`. Vectors are not kept. */
import type { CallHints, Reply } from './llm-facts.ts';
import { type Fields, fieldOf } from './objects.ts';
import { readCompletion } from './shape-messages.ts';
import { replyOf } from './shape-reply.ts';

export function readOpenAiEmbeddings(result: Fields, hints: CallHints): Reply | undefined {
  const first = Array.isArray(result.data) ? result.data[0] : undefined;
  if (!fieldOf(first, 'embedding')) return undefined;
  const completion = readCompletion({}, null, result, hints);
  completion.role = null;
  return { ...replyOf([completion], result.usage), kind: 'embedding' };
}
