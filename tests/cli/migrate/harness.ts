/** What the tests of `agensight migrate` share. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterEach, expect } from 'vitest';
import { readMigrations } from '../../../cli/migrate/files.ts';
import { Database } from '../../support/database.ts';
import { type CliRun, runCli, SOURCES } from '../support/run-cli.ts';

export const MIGRATIONS = await readMigrations();
export const COUNT = MIGRATIONS.length;
const SUPABASE = fileURLToPath(new URL('../../../node_modules/.bin/supabase', import.meta.url));

const clients: pg.Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end().catch(() => {})));
});

export async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  clients.push(client);
  return client;
}

/** Runs the command from its sources. */
export const migrate = (url: string, ...args: string[]): Promise<CliRun> =>
  runCli(['migrate', ...args], { env: { DATABASE_URL: url }, file: SOURCES });

/** The official CLI; with a database URL it needs neither Docker nor an account. */
export async function push(folder: string, url: string): Promise<void> {
  await promisify(execFile)(SUPABASE, ['db', 'push', `--db-url=${url}?sslmode=disable`, '--yes'], {
    cwd: folder,
    env: { ...process.env, DO_NOT_TRACK: '1', SUPABASE_TELEMETRY_DISABLED: '1' },
  });
}

export async function versions(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ version: string }>(
    'select version from agensight_private.migrations order by 1',
  );
  return rows.map(({ version }) => version);
}

/** A project in the migrated database takes a batch, and a member reads it. */
export async function expectWorking(url: string): Promise<void> {
  const database = await Database.open(url);
  try {
    const project = await database.project();
    const user = await database.user(project);
    const { stored } = await database.ingest(project, {
      traces: [{ id: 'trace', name: 'answer' }],
      spans: [{ trace_id: 'trace', id: 'span', kind: 'llm' }],
    });
    expect(stored).toMatchObject({ traces: 1, spans: 1 });
    await database.query('begin');
    await database.query('set local role authenticated');
    await database.query(`set local request.jwt.claims to '{"sub":"${user}"}'`);
    expect(await database.query('select name, span_count from agensight.traces')).toEqual([
      { name: 'answer', span_count: 1 },
    ]);
    await database.query('rollback');
  } finally {
    await database.close();
  }
}
