import { expect, it } from 'vitest';
import { onEachPostgres, type RawLists, type TestProject } from '../support/database.ts';
import { alone, REPORTED_CALLS, same } from './reported-calls.ts';

/** Every order of a short list, or some of a long one. */
function orders<T>(list: readonly T[]): T[][] {
  if (list.length <= 1) return [[...list]];
  if (list.length > 4) {
    return Array.from({ length: 8 }, (_, seed) =>
      list
        .map((item, place) => ({ item, at: Math.sin(seed * 97 + place * 31) }))
        .sort((a, b) => a.at - b.at)
        .map(({ item }) => item),
    );
  }
  return list.flatMap((item, place) =>
    orders(list.toSpliced(place, 1)).map((rest) => [item, ...rest]),
  );
}

onEachPostgres('calls that two spans report', (database) => {
  it.each(REPORTED_CALLS)('mark %s, in any order', async (_, reported, marks, [calls, tokens]) => {
    const batches = alone(reported);
    for (const order of [...orders(batches).slice(0, 8), [...batches, ...batches].reverse()]) {
      const project = await database().project();
      for (const batch of order) await database().ingest(project, batch);
      expect(await marksOf(project)).toEqual(marks);
      const [trace] = await database().rows('traces', project);
      expect([trace?.llm_call_count, trace?.total_tokens]).toEqual([calls, tokens]);
    }
  });

  it.each(REPORTED_CALLS)(
    'mark %s, all in one batch',
    async (_, reported, marks, [calls, tokens]) => {
      const project = await database().project();
      await database().ingest(project, joined(alone(reported)));
      expect(await marksOf(project)).toEqual(marks);
      const [trace] = await database().rows('traces', project);
      expect([trace?.llm_call_count, trace?.total_tokens]).toEqual([calls, tokens]);
    },
  );

  it('keep the cost on the call that counts', async () => {
    const project = await database().project();
    for (const batch of alone([
      { id: 'inner', parent: 'outer', ...same },
      { id: 'outer', ...same },
    ])) {
      await database().ingest(project, batch);
    }
    const rows = await database().rows('completions', project);
    const costs = Object.fromEntries(rows.map(({ span_id, cost }) => [span_id, cost]));
    // 100 × 2.50 / 1M + 20 × 10 / 1M
    expect(costs).toEqual({ inner: null, outer: 0.00045 });
    // A later report shows that they were two calls.
    await database().ingest(project, {
      completions: [
        { trace_id: 't', span_id: 'inner', completion_index: 0, response_id: 'r1' },
        { trace_id: 't', span_id: 'outer', completion_index: 0, response_id: 'r2' },
      ],
    });
    expect(await marksOf(project)).toEqual({});
    const [trace] = await database().rows('traces', project);
    expect(trace).toMatchObject({ llm_call_count: 2, total_tokens: 240, total_cost: 0.0009 });
  });

  async function marksOf(project: TestProject): Promise<Record<string, unknown>> {
    const rows = await database().rows('completions', project);
    return Object.fromEntries(
      rows
        .filter(({ repeat_of }) => repeat_of !== null)
        .map(({ span_id, repeat_of }) => [span_id, repeat_of]),
    );
  }
});

function joined(batches: readonly RawLists[]): RawLists {
  return {
    spans: batches.flatMap(({ spans = [] }) => spans),
    completions: batches.flatMap(({ completions = [] }) => completions),
  };
}
