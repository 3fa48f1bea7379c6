import { randomBytes, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { connect, onEachPostgres } from '../support/database.ts';

const TRACES = 10;

let before = 'none';

/** New traces, each with a call, its answer, a tool and a session, and an update of an earlier session. */
function batch(traces = TRACES) {
  const ids = Array.from({ length: traces }, () => randomBytes(16).toString('hex'));
  const each = <T>(record: (id: string) => T) => ids.map(record);
  const earlier = before;
  before = ids[0] ?? before;
  return {
    batch_id: randomUUID(),
    sessions: [...each((id) => ({ id })), { id: earlier, user_id: 'found out' }],
    traces: each((id) => ({ id, session_id: id, name: 'answer' })),
    spans: ids.flatMap((trace_id) => [
      { trace_id, id: 'root', name: 'agent' },
      { trace_id, id: 'call', parent_id: 'root', kind: 'llm' },
    ]),
    prompts: each((trace_id) => ({ trace_id, span_id: 'call', message_index: 0, content: 'hi' })),
    completions: each((trace_id) => ({
      ...{ trace_id, span_id: 'call', completion_index: 0, content: trace_id },
      ...{ provider: 'openai', model: 'gpt-4o-mini', total_tokens: 7 },
    })),
    tools: each((trace_id) => ({ trace_id, id: 'tool', span_id: 'call', name: 'search' })),
  };
}

onEachPostgres('plans', (database) => {
  it.each([
    ['empty', false],
    ['analyzed with one trace', true],
  ])(
    'that were made while tables were %s read no more when these have grown',
    async (_, isAnalyzed) => {
      const project = await database().project();
      const client = await connect(database().url);
      const ingest = (times: number) =>
        Promise.all(
          Array.from({ length: times }, () =>
            client.query({
              name: 'ingest',
              text: 'select agensight.ingest($1, $2::jsonb)',
              values: [project.tokenHash, JSON.stringify(batch())],
            }),
          ),
        );
      const blocksOf = async (work: () => Promise<unknown>) => {
        const blocks = async () => {
          await client.query('select pg_stat_force_next_flush()');
          const { rows } = await client.query(
            'select blks_hit + blks_read as blocks from pg_stat_database where datname = current_database()',
          );
          return Number(rows[0].blocks);
        };
        const before = await blocks();
        await work();
        return (await blocks()) - before;
      };
      try {
        if (isAnalyzed) {
          await database().ingest(project, batch(1));
          await database().query('vacuum analyze');
        }
        await ingest(10);
        const small = await blocksOf(() => ingest(10));
        await ingest(150);
        const grown = await blocksOf(() => ingest(10));
        // The B-trees of the keys grow by a level or two.
        expect(grown / small).toBeLessThan(1.6);
      } finally {
        await client.end();
      }
    },
  );
});
