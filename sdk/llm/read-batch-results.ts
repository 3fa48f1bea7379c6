/** The results of a batch: many replies, read as one whose usage is their sum. */

import type { Usage } from '../../wire/genai/provider/model.ts';
import { type Fields, fieldOf, hasFields, isList } from '../platform/values.ts';
import type { Reply } from './model.ts';

/** Reads one of the replies. */
type Read = (result: unknown) => Reply | undefined;

/** `{batch_results: [{custom_id, result: {message}} | {custom_id, response: {body}}]}` */
export function readBatchResults({ batch_results }: Fields, read: Read): Reply | undefined {
  if (!isList(batch_results)) return undefined;
  const replies = batch_results.map((item) => read(replyIn(item))).filter((reply) => !!reply);
  const completions = replies.flatMap((reply) => reply.completions);
  const usages = completions.map(({ usage }) => usage).filter((usage) => usage !== null);
  for (const completion of completions) completion.usage = null;
  const [first] = completions;
  if (first && usages.length > 0) first.usage = usages.reduce(sum);
  const failed = batch_results.length - replies.length;
  return {
    completions,
    kind: 'llm',
    error: null,
    attributes: { 'gen_ai.batch.request_counts': { answered: replies.length, failed } },
  };
}

function replyIn(item: unknown): unknown {
  const reply =
    fieldOf(fieldOf(item, 'result'), 'message') ?? fieldOf(fieldOf(item, 'response'), 'body');
  return hasFields(reply) && !hasFields(reply.error) ? reply : undefined;
}

function sum(one: Usage, other: Usage): Usage {
  const names = Object.keys({ ...one, ...other }) as (keyof Usage)[];
  const add = (name: keyof Usage): number | null =>
    one[name] == null ? (other[name] ?? null) : one[name] + (other[name] ?? 0);
  return Object.fromEntries(names.map((name) => [name, add(name)])) as unknown as Usage;
}
