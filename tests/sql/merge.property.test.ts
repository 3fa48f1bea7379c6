import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RECORDS, type TableName } from '../../wire/records.ts';
import {
  type Database,
  onEachPostgres,
  type RawLists,
  type TestProject,
} from '../support/database.ts';
import { anyLists } from '../support/random-batches.ts';

const TABLES = Object.values(RECORDS).map(({ table }) => table);

async function allRows(database: Database, project: TestProject) {
  const rows: Partial<Record<TableName, unknown>> = {};
  for (const table of TABLES) rows[table] = await database.rows(table, project);
  return rows;
}

/** The same records, distributed again: each into one to three batches, with every list shuffled. */
function redealt(batches: readonly RawLists[], random: () => number, parts: number): RawLists[] {
  const dealt: RawLists[] = Array.from({ length: parts }, () => ({}));
  for (const table of TABLES) {
    for (const record of batches.flatMap((batch) => batch[table] ?? [])) {
      const copies = 1 + Math.floor(random() * 2);
      for (let copy = 0; copy < copies; copy++) {
        const batch = dealt[Math.floor(random() * parts)] as RawLists;
        const list = [...(batch[table] ?? [])];
        list.splice(Math.floor(random() * (list.length + 1)), 0, record);
        batch[table] = list;
      }
    }
  }
  return dealt;
}

onEachPostgres('merging', (database) => {
  it('gives equal tables for batches repeated, shuffled, split and joined', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyLists, { minLength: 1, maxLength: 4 }),
        fc.integer(),
        fc.integer({ min: 1, max: 6 }),
        async (batches, seed, parts) => {
          const [plain, shuffled] = [await database().project(), await database().project()];
          for (const batch of batches) await database().ingest(plain, batch);
          const random = mulberry(seed);
          for (const batch of redealt(batches, random, parts)) {
            await database().ingest(shuffled, batch);
          }
          expect(await allRows(database(), shuffled)).toEqual(await allRows(database(), plain));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives equal tools where a call without arguments and a run with some have ended together', async () => {
    const ended_at = '2026-01-01T00:00:05.000Z';
    const tools = [
      { trace_id: 't', id: 'c', span_id: 'a', run_span_id: 'r', ended_at },
      { trace_id: 't', id: 'c', run_span_id: 'a', arguments: { x: 1 }, ended_at },
    ];
    const rows = [];
    for (const order of [
      [0, 1],
      [1, 0],
      [0, 1, 1, 0],
      [1, 0, 1],
      [0, 0, 1, 0],
    ]) {
      const project = await database().project();
      for (const at of order) {
        await database().ingest(project, { tools: [tools[at] as (typeof tools)[number]] });
      }
      rows.push(await database().rows('tools', project));
    }
    for (const row of rows) expect(row).toEqual(rows[0]);
  });

  it('keeps totals that equal a recount after any of it', async () => {
    const wrong = await database().query(`
      select t.id, t.span_count, t.error_count, t.prompt_tokens, t.completion_tokens, t.total_tokens, s, c
      from agensight.traces t
      cross join lateral (
        select count(*)::int as spans, count(*) filter (where status = 'error')::int as errors
        from agensight.spans s where (s.project_id, s.trace_id) = (t.project_id, t.id)) s
      cross join lateral (
        select coalesce(sum(prompt_tokens), 0) as prompt, coalesce(sum(completion_tokens), 0) as completion,
               coalesce(sum(total_tokens), 0) as total
        from agensight.completions c where (c.project_id, c.trace_id) = (t.project_id, t.id)) c
      where (t.span_count, t.error_count, t.prompt_tokens, t.completion_tokens, t.total_tokens)
        is distinct from (s.spans, s.errors, c.prompt, c.completion, c.total)`);
    expect(wrong).toEqual([]);
    expect(await database().value('select count(*)::int from agensight.traces')).toBeGreaterThan(
      50,
    );
  });
});

/** A small seeded generator, so that fast-check can replay a failure. */
function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
