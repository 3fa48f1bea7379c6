import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PromptRecord } from '../../wire/records.ts';
import { onEachPostgres } from '../support/database.ts';

/** The last two have one number in the column hashes. */
const TEXTS = ['a', 'b', 'B', 'ä', '', '["a"]', '8348', '260297'];

/** Few words, so that messages repeat within a call, between calls and between traces. */
const message = fc.record(
  {
    role: fc.constantFrom('system', 'user', 'assistant'),
    content: fc.constantFrom(...TEXTS),
    parts: fc.constantFrom<unknown>(['a'], '["a"]', [{ type: 'text' }], 1),
    name: fc.constantFrom('n', ''),
    tool_call_id: fc.constantFrom('a', 'call'),
  },
  { requiredKeys: [] },
);

/** A call sends part of the conversation, from its beginning or from the middle, and new messages. */
const call = fc.record({
  trace_id: fc.constantFrom('t1', 't2'),
  span_id: fc.constantFrom('s1', 's2', 's3', 's4'),
  from: fc.nat({ max: 2 }),
  news: fc.array(message, { maxLength: 3 }),
  gap: fc.constantFrom(0, 0, 0, 4),
});

/** The records that calls send one after the other, each with the history of its trace. */
function recordsOf(calls: readonly (typeof call extends fc.Arbitrary<infer T> ? T : never)[]) {
  const histories = new Map<string, object[]>();
  return calls.flatMap(({ trace_id, span_id, from, news, gap }) => {
    const history = histories.get(trace_id) ?? [];
    histories.set(trace_id, history);
    history.push(...news);
    return history.slice(from).map((said, n) => ({
      ...{ trace_id, span_id, message_index: n < 2 ? n : n + gap },
      ...said,
    })) as PromptRecord[];
  });
}

const greater = (a: unknown, b: unknown) =>
  a == null || (b != null && Buffer.compare(Buffer.from(String(b)), Buffer.from(String(a))) > 0)
    ? b
    : a;

const FIELDS = ['role', 'content', 'name', 'tool_call_id'] as const;

/** The expected message at each index: the greater value of each field. Only the database compares parts. */
function placesOf(records: readonly PromptRecord[]) {
  const places = new Map<string, Record<string, unknown>>();
  for (const record of records) {
    const key = JSON.stringify([record.trace_id, record.span_id, record.message_index]);
    const place = places.get(key) ?? {};
    for (const field of FIELDS) place[field] = greater(place[field], record[field]) ?? null;
    places.set(key, place);
  }
  return Object.fromEntries([...places].sort(([a], [b]) => (a < b ? -1 : 1)));
}

onEachPostgres('prompts', (database) => {
  it('are read the same however they were split, shuffled and repeated, and no message is stored twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { maxLength: 8 }),
        fc.array(fc.nat({ max: 40 }), { maxLength: 12 }),
        fc.infiniteStream(fc.nat({ max: 1000 })),
        async (calls, cuts, dice) => {
          const records = recordsOf(calls);
          const [whole, pieces] = [await database().project(), await database().project()];
          await database().ingest(whole, { prompts: records });
          const shuffled = records
            .map((record) => ({ record, at: dice.next().value }))
            .sort((a, b) => a.at - b.at)
            .map(({ record }) => record);
          const edges = [0, ...[...cuts].sort((a, b) => a - b), records.length];
          for (const [n, edge] of edges.entries()) {
            const prompts = shuffled.slice(edge, edges[n + 1]);
            await database().ingest(pieces, { prompts });
            if (edge % 3 === 0) await database().ingest(pieces, { prompts });
          }
          const [one, other] = [
            await database().rows('prompts', whole),
            await database().rows('prompts', pieces),
          ];
          expect(other).toEqual(one);
          const read = Object.fromEntries(
            one.map(({ trace_id, span_id, message_index, parts: _, ...fields }) => [
              JSON.stringify([trace_id, span_id, message_index]),
              fields,
            ]),
          );
          expect(read).toEqual(placesOf(records));
          const [stored, distinct] = await Promise.all([
            database().value<number>(
              'select coalesce(sum(cardinality(hashes)), 0)::integer from agensight.message_lists where project_id = $1',
              [whole.id],
            ),
            database().value<number>(
              'select count(*)::integer from (select distinct trace_id, role, content, parts, name, tool_call_id from agensight.prompts where project_id = $1) m',
              [whole.id],
            ),
          ]);
          expect(stored).toBe(distinct);
          expect(await database().value("select hashtext('8348') = hashtext('260297')")).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
