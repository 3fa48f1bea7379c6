/** Projects on one real Postgres, to compare their rows. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { RECORD_KINDS } from '../../../wire/protocol.ts';
import { RECORDS, type TableName } from '../../../wire/records.ts';
import { createBareDatabase } from '../../support/postgres.ts';
import { TestStack } from '../../support/stack.ts';

const AGENT = fileURLToPath(new URL('./agent.program.ts', import.meta.url));
const TABLES: readonly TableName[] = RECORD_KINDS.map((kind) => RECORDS[kind].table);

type Row = Record<string, unknown>;
export type Tables = Record<TableName, Row[]>;

export interface TestProject {
  id: string;
  token: string;
}

export async function startOnPostgres(): Promise<TestStack> {
  const server = inject('postgresServers').at(-1);
  return TestStack.start(server ? await createBareDatabase(server.url) : null);
}

export async function createProject({ stack }: TestStack, name: string): Promise<TestProject> {
  const [project] = await stack.surface.query<{ id: string }>(
    'select id from agensight.create_project($1)',
    [name],
  );
  const [token] = await stack.surface.query<{ token: string }>(
    'select token from agensight.create_token($1::uuid)',
    [project?.id],
  );
  return { id: project?.id ?? '', token: token?.token ?? '' };
}

/** Runs the agent, as a process with the sources of the SDK. */
export async function runAgent(env: Record<string, string>): Promise<void> {
  const run = promisify(execFile);
  await run(process.execPath, [AGENT], { env: { PATH: process.env.PATH ?? '', ...env } });
}

/** All rows of a project, in a stable order. */
export async function tablesOf({ stack }: TestStack, project: TestProject): Promise<Tables> {
  const tables: Partial<Tables> = {};
  for (const table of TABLES) {
    const rows = await stack.surface.query<{ row: Row }>(
      `select to_jsonb(t) - 'project_id' - 'merge_state' as row from agensight.${table} t
       where project_id = $1`,
      [project.id],
    );
    const texts = rows.map(({ row }) => JSON.stringify(row)).sort();
    tables[table] = texts.map((text) => JSON.parse(text) as Row);
  }
  return tables as Tables;
}

/** The rows of one run, with the values that differ between runs (ids, times) replaced by names. */
export function normalise(tables: Tables): Row[] {
  const names = new Map<string, string>();
  for (const { id } of tables.traces) names.set(String(id), 'the trace');
  const byStart = tables.spans.toSorted((a, b) =>
    String(a.started_at).localeCompare(String(b.started_at)),
  );
  for (const [i, { id, name }] of byStart.entries()) names.set(String(id), `${name} ${i}`);
  const rows = TABLES.flatMap((table) => tables[table].map((row) => ({ table, ...row })));
  const texts = rows.map((row) => {
    let text = JSON.stringify(row, (key, value) =>
      /^(started_at|ended_at|received_at|duration_ms|time)$/.test(key) && value !== null
        ? 'a time'
        : value,
    );
    for (const [id, name] of names) text = text.replaceAll(id, name);
    return text;
  });
  return texts.sort().map((text) => JSON.parse(text) as Row);
}
