import { expect, it } from 'vitest';
import { connect, onEachPostgres } from '../support/database.ts';

const WRITERS = 16;
const BATCHES_EACH = 25;
const TRACES = 12;

onEachPostgres('concurrent writers', (database) => {
  it(`neither deadlock nor lose an update, ${WRITERS} of them on the same traces`, async () => {
    const project = await database().project();
    const shuffled = <T>(list: readonly T[]) =>
      list
        .map((item) => ({ item, at: Math.random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ item }) => item);
    const traces = Array.from({ length: TRACES }, (_, n) => `trace-${n}`);
    const batch = (writer: number, round: number) => {
      const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
      return {
        batch_id: crypto.randomUUID(),
        sessions: shuffled(['s1', 's2', 's3']).map((id) => ({
          id,
          ended_at: at(round),
          name: `${writer}`,
        })),
        traces: shuffled(traces).map((id) => ({
          id,
          session_id: 's1',
          tags: [`w${writer}`],
          ended_at: at(round),
        })),
        spans: shuffled(traces).flatMap((trace_id) => [
          {
            trace_id,
            id: `own-${writer}-${round}`,
            status: round % 5 ? 'ok' : 'error',
            started_at: at(round),
          },
          { trace_id, id: 'shared', name: `by ${writer}`, ended_at: at(round) },
        ]),
        prompts: shuffled(traces).map((trace_id) => ({
          trace_id,
          span_id: 'shared',
          message_index: 0,
          content: `${writer}`,
        })),
        completions: shuffled(traces).map((trace_id) => ({
          trace_id,
          span_id: `own-${writer}-${round}`,
          completion_index: 0,
          prompt_tokens: 3,
          completion_tokens: 4,
          total_tokens: 7,
        })),
        tools: shuffled(traces).map((trace_id) => ({ trace_id, id: 'call', output: writer })),
      };
    };
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        const client = await connect(database().url);
        try {
          for (let round = 0; round < BATCHES_EACH; round++) {
            await client.query('select agensight.ingest($1, $2::jsonb)', [
              project.tokenHash,
              JSON.stringify(batch(writer, round)),
            ]);
          }
        } finally {
          await client.end();
        }
      }),
    );

    const own = WRITERS * BATCHES_EACH;
    expect(
      await database().query(
        'select distinct span_count, error_count, prompt_tokens::int, completion_tokens::int, total_tokens::int from agensight.traces where project_id = $1',
        [project.id],
      ),
    ).toEqual([
      {
        span_count: own + 1,
        error_count: WRITERS * Math.ceil(BATCHES_EACH / 5),
        prompt_tokens: own * 3,
        completion_tokens: own * 4,
        total_tokens: own * 7,
      },
    ]);
    // The latest round wins, and among its writers the greatest value, in any order of arrival.
    expect(
      await database().value(
        "select name from agensight.sessions where project_id = $1 and id = 's1'",
        [project.id],
      ),
    ).toBe('9');
    expect(
      await database().value(
        'select distinct output::text from agensight.tools where project_id = $1',
        [project.id],
      ),
    ).toBe('15');
  });

  it('begin the same trace at the same time, and store it once', async () => {
    const project = await database().project();
    const batch = (n: number) => ({
      batch_id: crypto.randomUUID(),
      sessions: [{ id: 's' }],
      traces: [{ id: 't', session_id: 's', name: `${n}` }],
      spans: [
        { trace_id: 't', id: 'shared', status: 'error', kind: 'llm', name: `${n}` },
        { trace_id: 't', id: `own ${n}`, parent_id: 'shared' },
      ],
      prompts: [{ trace_id: 't', span_id: 'shared', message_index: n, content: 'hello' }],
      completions: [
        { trace_id: 't', span_id: 'shared', completion_index: 0, total_tokens: 7, content: `${n}` },
      ],
      tools: [{ trace_id: 't', id: 'call', span_id: 'shared', output: n }],
    });
    const ingest = 'select agensight.ingest($1, $2::jsonb)';
    const [first, second] = [await connect(database().url), await connect(database().url)];
    try {
      await first.query('begin');
      await first.query(ingest, [project.tokenHash, JSON.stringify(batch(0))]);
      // Finds no row, and waits for the first transaction to end.
      const waiting = second.query(ingest, [project.tokenHash, JSON.stringify(batch(1))]);
      await expect
        .poll(() =>
          database().value(
            "select count(*)::integer from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
          ),
        )
        .toBe(1);
      await first.query('commit');
      await waiting;
    } finally {
      await Promise.all([first.end(), second.end()]);
    }
    expect(await database().rows('traces', project)).toMatchObject([
      { name: '1', span_count: 3, error_count: 1, llm_call_count: 1, total_tokens: 7 },
    ]);
    expect(await database().rows('sessions', project)).toMatchObject([
      { trace_count: 1, span_count: 3, total_tokens: 7 },
    ]);
    expect(await database().rows('completions', project)).toMatchObject([{ content: '1' }]);
    expect(await database().rows('tools', project)).toMatchObject([{ output: 1 }]);
    expect(await database().rows('prompts', project)).toMatchObject([
      { message_index: 0, content: 'hello' },
      { message_index: 1, content: 'hello' },
    ]);
    expect(
      await database().query('select * from agensight.audit_totals($1)', [project.id]),
    ).toEqual([]);
  });
});
