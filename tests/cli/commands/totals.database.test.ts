import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TraceTree } from '../../../cli/traces/trace-rows.ts';
import { createSqliteExporter } from '../../../sdk/delivery/sqlite-exporter.ts';
import { TABLES } from '../../../wire/protocol.ts';
import type { TableName } from '../../../wire/records.ts';
import { anyLists } from '../../support/random-batches.ts';
import type { TestStack } from '../../support/stack.ts';
import { emptyFolder, runCli } from '../support/run-cli.ts';
import { createProject, startOnPostgres } from '../support/two-projects.ts';

let stack: TestStack;

beforeAll(async () => {
  stack = await startOnPostgres();
});
afterAll(() => stack.close());

type Row = Readonly<Record<string, unknown>>;
type Lists = Partial<Record<TableName, readonly object[]>>;
type Totals = Record<'span_count' | 'error_count' | 'total_tokens', number>;

/** With ids that no other group has, so that there are many traces, and no call below another: only the database marks repeats. */
const inGroup = (lists: Lists, group: number): Lists =>
  Object.fromEntries(
    TABLES.map((table) => [
      table,
      (lists[table] as readonly Row[]).map((row) => ({
        ...row,
        ...(row.trace_id === undefined ? {} : { trace_id: `${group}${row.trace_id}` }),
        ...(table === 'traces' || table === 'sessions' ? { id: `${group}${row.id}` } : {}),
        ...(row.session_id === undefined ? {} : { session_id: `${group}${row.session_id}` }),
        ...(table === 'spans' ? { parent_id: undefined } : {}),
      })),
    ]),
  );

const groups = fc.array(fc.array(anyLists, { minLength: 1, maxLength: 4 }), {
  minLength: 3,
  maxLength: 6,
});

async function writeFile(batches: readonly Lists[]): Promise<string> {
  const file = join(emptyFolder(), 'agensight.db');
  const write = createSqliteExporter(file, () => {});
  for (const lists of batches) {
    const id = crypto.randomUUID();
    const body = new TextEncoder().encode(JSON.stringify({ batch_id: id, ...lists }));
    const batch = { id, records: 1, body, coding: null, segment: undefined };
    expect(await write(batch, AbortSignal.timeout(10_000))).toMatchObject({ status: 'sent' });
  }
  return file;
}

async function tail(
  args: string[],
  env: Record<string, string> = {},
): Promise<TraceTree['trace'][]> {
  const run = await runCli(['tail', '--once', '--json', '-n', '500', ...args], { env });
  expect(run.code).toBe(0);
  const lines = run.stdout.split('\n').filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as TraceTree).trace);
}

const totalsOf = ({ span_count, error_count, total_tokens }: Totals): Totals => ({
  span_count,
  error_count,
  total_tokens,
});

it('the totals of a local file are those of the cloud after a push, per trace and per session', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(groups, async (given) => {
      const file = await writeFile(
        given.flatMap((batches, group) => batches.map((lists) => inGroup(lists, group))),
      );
      const project = await createProject(stack, 'random');
      const ingest = { AGENSIGHT_ENDPOINT: stack.endpoint, AGENSIGHT_TOKEN: project.token };
      const pushed = await runCli(['push', '--json', file], { env: ingest });
      expect(JSON.parse(pushed.stdout)).toMatchObject({ rejected_count: 0 });

      const local = await tail(['--from', 'local', '--file', file]);
      const cloud = await tail(['--from', 'cloud', '--project', project.id], {
        SUPABASE_URL: stack.stack.env.SUPABASE_URL,
        SUPABASE_SECRET_KEY: stack.stack.env.SUPABASE_SECRET_KEY,
      });
      const byId = new Map(cloud.map((trace) => [trace.id, totalsOf(trace)]));
      for (const trace of local)
        expect([trace.id, byId.get(trace.id)]).toEqual([trace.id, totalsOf(trace)]);
      compared += local.length;

      const sessions = await stack.stack.surface.query<
        Totals & { id: string; trace_count: number }
      >('select * from agensight.sessions where project_id = $1', [project.id]);
      for (const session of sessions) {
        const traces = local.filter(({ session_id }) => session_id === session.id);
        const sum = (field: keyof Totals): number =>
          traces.reduce((total, trace) => total + trace[field], 0);
        expect({
          ...totalsOf(session),
          total_tokens: Number(session.total_tokens),
          traces: session.trace_count,
        }).toEqual({
          span_count: sum('span_count'),
          error_count: sum('error_count'),
          total_tokens: sum('total_tokens'),
          traces: traces.length,
        });
      }
    }),
    // To shrink an example takes minutes.
    { numRuns: 4, endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(10);
});
