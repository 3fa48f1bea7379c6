import fc from 'fast-check';
import { expect, it } from 'vitest';
import { connect, onEachPostgres, type TestProject } from '../support/database.ts';
import { anyLists } from '../support/random-batches.ts';

const WRITERS = 8;
const ROUNDS = 12;

onEachPostgres('audit_totals()', (database) => {
  const audit = ({ id }: TestProject) =>
    database().query(
      'select kind, id, field, stored, counted from agensight.audit_totals($1) order by 1, 2, 3',
      [id],
    );
  const batch = (n: number) => ({
    traces: [{ id: 't', session_id: `s${n % 2}`, ended_at: new Date(n).toISOString() }],
    spans: [
      { trace_id: 't', id: 'outer', kind: 'llm', started_at: at(0), ended_at: at(9) },
      {
        trace_id: 't',
        id: `inner${n}`,
        parent_id: 'outer',
        kind: 'llm',
        started_at: at(1),
        ended_at: at(2),
      },
    ],
    completions: [call('outer', 'r'), call(`inner${n}`, n === 0 ? 'r' : `r${n}`)],
  });
  const at = (second: number) => new Date(Date.UTC(2026, 9, 1, 0, 0, second)).toISOString();
  const call = (span_id: string, response_id: string) => ({
    trace_id: 't',
    span_id,
    completion_index: 0,
    response_id,
    provider: 'openai',
    model: 'gpt-4o-mini',
    prompt_tokens: 1000,
    completion_tokens: 500,
    total_tokens: 1500,
    cached_tokens: 100,
    reasoning_tokens: 30,
  });

  it('finds nothing after batches that repeat, contradict and split each other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyLists, { minLength: 1, maxLength: 4 }), async (batches) => {
        const project = await database().project();
        for (const lists of [...batches, ...batches.toReversed()]) {
          await database().ingest(project, lists);
        }
        expect(await audit(project)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it(`finds nothing after ${WRITERS} writers of one trace, which moves between sessions`, async () => {
    const project = await database().project();
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        const client = await connect(database().url);
        try {
          for (let round = 0; round < ROUNDS; round++) {
            await client.query('select agensight.ingest($1, $2::jsonb)', [
              project.tokenHash,
              // Every batch is sent by two writers.
              JSON.stringify({
                batch_id: crypto.randomUUID(),
                ...batch((writer >> 1) * ROUNDS + round),
              }),
            ]);
          }
        } finally {
          await client.end();
        }
      }),
    );
    expect(await audit(project)).toEqual([]);
    const calls = (WRITERS / 2) * ROUNDS;
    const [trace] = await database().rows('traces', project);
    // The outer call, and every inner call except the one that repeats it.
    expect(trace).toMatchObject({
      span_count: calls + 1,
      llm_call_count: calls,
      total_tokens: calls * 1500,
      cached_tokens: calls * 100,
      reasoning_tokens: calls * 30,
      ended_at: '2026-10-01T00:00:09+00:00',
    });
    const sessions = await database().rows('sessions', project);
    expect(sessions.map(({ trace_count }) => trace_count).sort()).toEqual([0, 1]);
    expect(
      sessions.map(({ llm_call_count }) => llm_call_count).sort((a, b) => +`${a}` - +`${b}`),
    ).toEqual([0, calls]);
  });

  it('returns each difference, and repair_totals() corrects it', async () => {
    const project = await database().project();
    await database().ingest(project, batch(0));
    await database().query(
      'update agensight.traces set span_count = 7, total_cost = 1 where project_id = $1',
      [project.id],
    );
    await database().query('update agensight.sessions set trace_count = 3 where project_id = $1', [
      project.id,
    ]);
    await database().query(
      "update agensight.completions set repeat_of = null where project_id = $1 and span_id = 'inner0'",
      [project.id],
    );
    const found = await audit(project);
    expect(found).toContainEqual({
      kind: 'trace',
      id: 't',
      field: 'span_count',
      stored: '7',
      counted: '2',
    });
    expect(found).toContainEqual({
      kind: 'session',
      id: 's0',
      field: 'trace_count',
      stored: '3',
      counted: '1',
    });
    expect(found).toContainEqual({
      kind: 'completion',
      id: 't/inner0',
      field: 'repeat_of',
      stored: null,
      counted: 'outer',
    });
    expect(
      await database().value('select agensight.repair_totals($1)', [project.id]),
    ).toBeGreaterThanOrEqual(3);
    expect(await audit(project)).toEqual([]);
    const [trace] = await database().rows('traces', project);
    expect(trace).toMatchObject({ span_count: 2, llm_call_count: 1, total_tokens: 1500 });
  });
});
