/**
 * Embeddings: OpenAI's `{object: 'list', data: [{embedding}], model, usage}`, Google's
 * `{embeddings: [{values, statistics: {tokenCount}}]}`. Vectors are not kept.
 */

import { type Fields, fieldOf, isList } from '../platform/values.ts';
import { readCompletion } from './messages.ts';
import type { CallHints, Reply } from './model.ts';
import { replyOf } from './read-reply.ts';

export function readOpenAiEmbeddings(result: Fields, hints: CallHints): Reply | undefined {
  const { data, embeddings, usage } = result;
  const list = data ?? embeddings;
  const first = isList(list) ? list[0] : undefined;
  if (!fieldOf(first, 'embedding') && !fieldOf(first, 'values')) return undefined;
  const completion = readCompletion({}, null, result, hints);
  completion.role = null;
  return { ...replyOf([completion], usage ?? countsOf(list as unknown[])), kind: 'embedding' };
}

function countsOf(list: readonly unknown[]): Fields | undefined {
  const counts = list.map((item) => fieldOf(fieldOf(item, 'statistics'), 'tokenCount'));
  const known = counts.filter((count): count is number => typeof count === 'number');
  if (known.length === 0) return undefined;
  return { prompt_tokens: known.reduce((sum, count) => sum + count, 0) };
}
