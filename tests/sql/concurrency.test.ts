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
            await client.query('select public.ingest($1, $2::jsonb)', [
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
        'select distinct span_count, error_count, prompt_tokens::int, completion_tokens::int, total_tokens::int from public.traces where project_id = $1',
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
    // The latest round wins, and among its writers the greatest value, whoever came last.
    expect(
      await database().value(
        "select name from public.sessions where project_id = $1 and id = 's1'",
        [project.id],
      ),
    ).toBe('9');
    expect(
      await database().value(
        'select distinct output::text from public.tools where project_id = $1',
        [project.id],
      ),
    ).toBe('15');
  });
});
