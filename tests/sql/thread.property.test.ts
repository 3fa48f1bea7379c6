import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Database, onEachPostgres } from '../support/database.ts';

interface Said {
  role: string;
  content: string;
}

/** One turn of a conversation: the user's message, tool results, and the last answer. */
const turn = fc.record({
  question: fc.constantFrom('yes', 'no', 'go on'),
  steps: fc.array(fc.constantFrom('found', 'nothing'), { maxLength: 2 }),
  answer: fc.constantFrom('ok', 'done', 'which one?'),
});

/** Agents, each with a system prompt and its own turns, in any order. */
const session = fc.record({
  agents: fc.array(fc.array(turn, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
  order: fc.array(fc.nat({ max: 2 }), { minLength: 12, maxLength: 12 }),
  resends: fc.boolean(),
});

onEachPostgres('a random session as a conversation', (database) => {
  it('contains the messages of each agent in order, each once', async () => {
    const project = await database().project();
    let made = 0;
    await fc.assert(
      fc.asyncProperty(session, async ({ agents, order, resends }) => {
        const id = `s${made++}`;
        const { lists, expected } = record(id, agents, order, resends);
        await database().ingest(project, lists);
        const thread = await threadOf(database(), project.id, id);
        expect(thread.map(({ content }) => content)).toEqual(
          expected.map(({ content }) => content),
        );
        for (const [n] of agents.entries()) {
          const heard = thread.filter(({ agent }) => agent === `agent ${n}`);
          expect(new Set(heard.map(({ conversation }) => conversation)).size).toBe(1);
        }
      }),
      { numRuns: 20, seed: 20261123 },
    );
  });
});

/** The session as its records, and as the conversation that it was. */
function record(
  id: string,
  agents: (typeof turn extends fc.Arbitrary<infer T> ? T : never)[][],
  order: number[],
  resends: boolean,
) {
  const spans: object[] = [];
  const prompts: object[] = [];
  const completions: object[] = [];
  const traces: object[] = [];
  const expected: Said[] = [];
  const histories = agents.map((_, n): Said[] => [
    { role: 'system', content: `You are agent ${n}.` },
  ]);
  const waiting = agents.map((turns) => [...turns]);
  let second = 0;
  const queue = [...order, ...agents.flatMap((turns, n) => turns.map(() => n))];
  for (const n of queue) {
    const next = waiting[n]?.shift();
    const history = histories[n];
    if (!(next && history)) continue;
    const trace_id = `${id}-${traces.length}`;
    traces.push({ id: trace_id, session_id: id, name: 'chat', started_at: at(second) });
    spans.push({ trace_id, id: 'root', name: `agent ${n}`, kind: 'agent', started_at: at(second) });
    const hear = (said: Said) => {
      if (history.length === 1) expected.push(history[0] as Said);
      history.push(said);
      expected.push(said);
    };
    const call = (answer: string) => {
      // A failed call was retried with the same messages.
      for (const isFailed of resends ? [true, false] : [false]) {
        const span_id = `call-${spans.length}`;
        second += 1;
        spans.push({
          ...{ trace_id, id: span_id, parent_id: 'root', name: 'llm', kind: 'llm' },
          ...{ started_at: at(second), status: isFailed ? 'error' : 'ok' },
        });
        for (const [message_index, said] of history.entries()) {
          prompts.push({ trace_id, span_id, message_index, ...said });
        }
        if (isFailed) continue;
        completions.push({
          trace_id,
          span_id,
          completion_index: 0,
          role: 'assistant',
          content: answer,
        });
      }
      const said = { role: 'assistant', content: answer };
      history.push(said);
      expected.push(said);
    };
    hear({ role: 'user', content: `${n}: ${next.question}` });
    for (const step of next.steps) {
      call('let me look');
      hear({ role: 'tool', content: step });
    }
    call(next.answer);
  }
  return { lists: { sessions: [{ id }], traces, spans, prompts, completions }, expected };
}

function at(second: number): string {
  return new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
}

function threadOf(database: Database, project: string, session: string) {
  return database.query<{ content: string; conversation: number; agent: string }>(
    'select content, conversation, agent from agensight.session_thread($1, $2) order by position',
    [project, session],
  );
}
