import { expect, it } from 'vitest';
import { type Database, onEachPostgres, type TestProject } from '../support/database.ts';

const PARTS = ['spans', 'prompts', 'completions', 'tools'] as const;
const ALL = ['sessions', 'traces', ...PARTS, 'receipts'] as const;

/** Runs until no work is left. Returns the deleted rows by table. */
async function maintain(database: Database, budgetMillis = 4000): Promise<Record<string, number>> {
  const total: Record<string, number> = {};
  for (let calls = 0; calls < 200; calls++) {
    const { done, deleted } = await database.value<{
      done: boolean;
      deleted: Record<string, number>;
    }>('select agensight.maintain($1)', [budgetMillis]);
    for (const [what, count] of Object.entries(deleted)) total[what] = (total[what] ?? 0) + count;
    if (done) return total;
  }
  throw new Error('maintain() never finished.');
}

/** A trace with two of each part, in a session. */
function trace(id: string, session = 's') {
  const spans = ['a', 'b'].map((span) => ({ trace_id: id, id: span }));
  const indexes = [0, 1];
  return {
    sessions: [{ id: session }],
    traces: [{ id, session_id: session }],
    spans,
    prompts: indexes.map((i) => ({ trace_id: id, span_id: 'a', message_index: i })),
    completions: indexes.map((i) => ({
      trace_id: id,
      span_id: 'a',
      completion_index: i,
      total_tokens: 7,
    })),
    tools: indexes.map((i) => ({ trace_id: id, id: `call${i}`, span_id: 'a' })),
  };
}

onEachPostgres('maintain()', (database) => {
  const keep = (project: TestProject, days: number | null) =>
    database().query('select agensight.set_retention($1, $2)', [project.id, days]);
  const received = (project: TestProject, table: string, id: string, daysAgo: number) =>
    database().query(
      `update agensight.${table} set received_at = now() - make_interval(days => $3) where project_id = $1 and id = $2`,
      [project.id, id, daysAgo],
    );
  const count = async (project: TestProject) =>
    Object.fromEntries(
      await Promise.all(
        ALL.map(async (table) => [table, (await database().rows(table, project)).length]),
      ),
    );

  it('deletes a trace with all its parts and its session when the retention ends', async () => {
    const project = await database().project();
    await keep(project, 30);
    await database().ingest(project, trace('old', 'gone'));
    await database().ingest(project, trace('new', 'stays'));
    await received(project, 'traces', 'old', 31);
    await received(project, 'sessions', 'gone', 31);
    await received(project, 'traces', 'new', 29);
    await received(project, 'sessions', 'stays', 31);

    expect(await maintain(database())).toMatchObject({
      sessions: 1,
      traces: 1,
      spans: 2,
      message_lists: 1,
      completions: 2,
      tools: 2,
    });
    expect(await count(project)).toEqual({
      sessions: 1,
      traces: 1,
      spans: 2,
      prompts: 2,
      completions: 2,
      tools: 2,
      receipts: 2,
    });
    expect(await database().rows('traces', project)).toMatchObject([
      { id: 'new', span_count: 2, total_tokens: 14 },
    ]);
    expect(await database().rows('sessions', project)).toMatchObject([{ id: 'stays' }]);
  });
});
