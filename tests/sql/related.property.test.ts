import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RECORDS } from '../../wire/records.ts';
import {
  type Database,
  onEachPostgres,
  type RawLists,
  type TestProject,
} from '../support/database.ts';

/** One span with all that it reports: what one request of an exporter has at the least. */
interface Reported {
  /** How many spans before it its parent is; 0 for a root, and beyond the first span for a missing one. */
  up: number;
  kind: string;
  from: number;
  length: number;
  /** Of a call. */
  model: string | undefined;
  response: string | undefined;
  answer: string | undefined;
  usage: number | undefined;
  hasCall: boolean;
  /** Of tools: what the call requested, or what the span ran or has the results of. */
  args: object | string | null;
  callId: string | undefined;
  requested: number;
  hasResult: boolean;
  /** Whether a log record has the answer, in a request of its own. */
  isLogged: boolean;
}

const maybe = <T>(...values: T[]) => fc.constantFrom<T | undefined>(undefined, ...values);

const reported: fc.Arbitrary<Reported> = fc.record({
  up: fc.integer({ min: 0, max: 3 }),
  kind: fc.constantFrom('llm', 'llm', 'llm', 'embedding', 'agent', 'chain', 'tool', 'tool'),
  from: fc.integer({ min: 0, max: 3 }),
  length: fc.integer({ min: 1, max: 9 }),
  model: maybe('gpt-4o', 'gpt-4o-2024-08-06', 'other'),
  response: maybe('r1', 'r2', 'run-1'),
  answer: maybe('Paris', 'Rome'),
  usage: maybe(0, 1, 1, 2),
  hasCall: fc.boolean(),
  args: fc.constantFrom(null, { city: 'Paris' }, { city: 'Paris', unit: 'C' }, 'Paris'),
  callId: maybe('call_1', 'call_2', 'adk-1', 'own'),
  requested: fc.integer({ min: 0, max: 2 }),
  hasResult: fc.boolean(),
  isLogged: fc.boolean(),
});

const at = (second: number) => new Date(Date.UTC(2026, 9, 1, 0, 0, second)).toISOString();

/** The records of each span, and of each log record, on their own. */
function requestsOf(spans: readonly Reported[]): RawLists[] {
  const starts: number[] = [];
  return spans.flatMap((span, n) => {
    const parent = span.up === 0 ? undefined : n - span.up;
    const from = (starts[parent ?? -1] ?? 0) + span.from;
    starts.push(from);
    const key = { trace_id: 't', span_id: `s${n}` };
    const isCall =
      ['llm', 'embedding'].includes(span.kind) || (span.kind === 'agent' && span.hasCall);
    const { usage } = span;
    const [started_at, ended_at] = [at(from), at(from + span.length)];
    const call = {
      ...key,
      completion_index: 0,
      model: span.model,
      provider: 'openai',
      response_id: span.response,
      ...(usage === undefined
        ? {}
        : { prompt_tokens: usage * 10, completion_tokens: usage, total_tokens: usage * 11 }),
    };
    const callId = span.callId === 'own' ? `own-${n}` : span.callId;
    const idOf = (index: number) => (index === 0 ? callId : undefined);
    const indexes = Array.from({ length: span.requested }, (_, index) => index);
    const asked = { name: 'f', arguments: span.args };
    const parts = indexes.map((index) => ({ type: 'tool_call', id: idOf(index), ...asked }));
    const requested = indexes.map((index) => ({
      ...key,
      id: idOf(index) ?? `s${n}:${index}`,
      ...asked,
    }));
    const answer = {
      ...key,
      completion_index: 0,
      role: 'assistant',
      content: span.answer,
      // An id that several calls of a model have says nothing of which of them a tool call belongs to.
      ...(parts.length > 0 && callId === span.callId && callId !== undefined ? {} : { parts }),
    };
    const run = {
      trace_id: 't',
      id: callId ?? `s${n}`,
      run_span_id: `s${n}`,
      name: 'f',
      arguments: span.args,
      output: n,
      status: 'ok',
      started_at,
      ended_at,
    };
    const result = {
      trace_id: 't',
      id: `s${n}:result:0`,
      name: 'f',
      arguments: span.args,
      output: `of ${n}`,
    };
    const own: RawLists = {
      spans: [
        {
          trace_id: 't',
          id: `s${n}`,
          parent_id: parent === undefined ? undefined : `s${parent}`,
          kind: span.kind,
          name: span.kind,
          started_at,
          ended_at,
        },
      ],
      prompts: isCall ? [{ ...key, message_index: 0, role: 'user', content: 'Where?' }] : [],
      completions: isCall ? [span.isLogged ? call : { ...answer, ...call }] : [],
      tools: [
        ...(isCall ? requested : []),
        ...(isCall && span.hasResult ? [result] : []),
        ...(span.kind === 'tool' ? [run] : []),
      ],
    };
    return isCall && span.isLogged ? [own, { completions: [answer] }] : [own];
  });
}

const joined = (requests: readonly RawLists[]): RawLists => ({
  spans: requests.flatMap(({ spans = [] }) => spans),
  prompts: requests.flatMap(({ prompts = [] }) => prompts),
  completions: requests.flatMap(({ completions = [] }) => completions),
  tools: requests.flatMap(({ tools = [] }) => tools),
});

onEachPostgres('what is related in a trace', (database) => {
  it('is the same for spans sent together, one by one, in any order, and twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(reported, { minLength: 2, maxLength: 8 }).chain((spans) => {
          const requests = requestsOf(spans);
          return fc.record({
            requests: fc.constant(requests),
            shuffled: fc.shuffledSubarray(requests, { minLength: requests.length }),
            again: fc.subarray(requests),
          });
        }),
        async ({ requests, shuffled, again }) => {
          const together = await stored([joined(requests)]);
          expect(await stored(requests)).toEqual(together);
          expect(await stored([...shuffled, ...again])).toEqual(together);
          const half = requests.length >> 1;
          const halves = [joined(shuffled.slice(half)), joined(shuffled.slice(0, half))];
          expect(await stored([...halves, joined(again)])).toEqual(together);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keeps totals and marks that equal a recount', async () => {
    expect(await database().query('select * from agensight.audit_totals()')).toEqual([]);
    const [sums] = await database().query(`
      select sum(t.total_tokens)::integer as totals, (select sum(total_tokens)::integer from agensight.completions) as rows
      from agensight.traces t`);
    expect(sums?.totals).toBe(sums?.rows);
    expect(sums?.totals).toBeGreaterThan(1000);
  });

  async function stored(batches: readonly RawLists[]): Promise<unknown> {
    const project = await database().project();
    for (const batch of batches) await database().ingest(project, batch);
    return allRows(database(), project);
  }
});

async function allRows(database: Database, project: TestProject): Promise<unknown> {
  const rows: Record<string, unknown> = {};
  for (const { table } of Object.values(RECORDS)) {
    // The ages of fields depend on which messages had them, not on what they are.
    rows[table] = (await database.rows(table, project)).map(({ merge_state: _, ...row }) => row);
  }
  return rows;
}
