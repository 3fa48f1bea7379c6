import type { ChildProcess } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { type Migration, migrationsFolder } from '../../../cli/migrate/files.ts';
import { connectPostgres } from '../../../cli/migrate/postgres.ts';
import { applyMigrations } from '../../../cli/migrate/run.ts';
import { createBareDatabase } from '../../support/postgres.ts';
import { startTransactionPooler } from '../../support/transaction-pooler.ts';
import { emptyFolder, SOURCES, startCli } from '../support/run-cli.ts';
import { dump, FOREIGN_MIGRATIONS, NEXT_FOREIGN_MIGRATION, writeProject } from './foreign-app.ts';
import { COUNT, connectTo, expectWorking, MIGRATIONS, migrate, push, versions } from './harness.ts';

const OURS = ['agensight', 'agensight_private'];
/** The state of a hosted Supabase project: roles, schema auth, default privileges. */
const HOSTED = readFileSync(
  new URL('../../../local/supabase-platform.sql', import.meta.url),
  'utf8',
);

describe.each([...inject('postgresServers')])('agensight migrate (Postgres $version)', (server) => {
  const bare = () => createBareDatabase(server.url);

  it('leaves everything of another application unchanged, whose own db push still works', async () => {
    const url = await bare();
    const client = await connectTo(url);
    await client.query(HOSTED);
    const theirs = emptyFolder();
    writeProject(theirs, FOREIGN_MIGRATIONS);
    await push(theirs, url);
    const before = await dump(client, OURS);
    expect(before.filter((line) => line.startsWith('rows of '))).toHaveLength(5);

    expect(await migrate(url)).toMatchObject({
      code: 0,
      stdout: `applied ${COUNT} migrations\n`,
    });
    expect(await dump(client, OURS)).toEqual(before);
    await expectWorking(url);

    writeProject(theirs, NEXT_FOREIGN_MIGRATION);
    await push(theirs, url);
    const { rows } = await client.query('select distinct currency from public.prices');
    expect(rows).toEqual([{ currency: 'EUR' }]);
  });

  it('works on a plain Postgres, and a second run changes nothing', async () => {
    const url = await bare();
    const client = await connectTo(url);
    const first = await migrate(url, '--json');
    expect(JSON.parse(first.stdout)).toEqual({
      applied: MIGRATIONS.map(({ version, name }) => ({ version, name })),
      adopted: [],
      // The roles belong to the server, where another test has created them.
      platform: ['schema auth with the table users and the function uid()'],
    });
    await expectWorking(url);
    const before = await dump(client, []);
    expect(await migrate(url)).toMatchObject({ code: 0, stdout: 'the database is up to date\n' });
    expect(await dump(client, [])).toEqual(before);
  });

  it('applies each file once when three runs start at the same time', async () => {
    const url = await bare();
    const runs = await Promise.all([0, 1, 2].map(() => migrate(url, '--json')));
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      Array(3).fill({ code: 0, stderr: '' }),
    );
    const applied = runs.flatMap(
      ({ stdout }) => (JSON.parse(stdout) as { applied: Migration[] }).applied,
    );
    expect(applied.map(({ version }) => version).sort()).toEqual(
      MIGRATIONS.map(({ version }) => version),
    );
    expect(await versions(await connectTo(url))).toHaveLength(COUNT);
    await expectWorking(url);
  });

  it('works through a transaction pooler, for two runs at the same time', async () => {
    const url = await bare();
    const pooler = await startTransactionPooler(url);
    try {
      // Now the server connections have cached that the history table does not exist.
      for (const _ of [1, 2, 3])
        expect(await migrate(pooler.url, '--dry-run')).toMatchObject({ code: 0 });
      const runs = await Promise.all([migrate(pooler.url), migrate(pooler.url)]);
      expect(runs.map(({ code }) => code)).toEqual([0, 0]);
      expect(pooler.transactions.length).toBeGreaterThan(COUNT);
      expect(new Set(pooler.transactions).size).toBeGreaterThan(1);
      const status = await migrate(pooler.url, '--status');
      expect(status.stdout.match(/applied \d{4}-/g)).toHaveLength(COUNT);
      await expectWorking(url);
    } finally {
      await pooler.close();
    }
  });

  it('continues after its connection was killed in the middle of a file', async () => {
    const url = await bare();
    const client = await connectTo(url);
    const [first, second] = MIGRATIONS as [Migration, Migration];
    const slow = { ...second, sql: `${second.sql}\nselect pg_sleep(60);` };
    const connection = await connectPostgres(url);
    const run = applyMigrations(connection, [first, slow]);
    const failed = expect(run).rejects.toMatchObject({ code: 'AGENSIGHT_CLI_UNREACHABLE' });
    const killed = async () =>
      (
        await client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and wait_event = 'PgSleep'`,
        )
      ).rowCount;
    while (!(await killed())) await new Promise((resolve) => setTimeout(resolve, 50));
    await failed;
    await connection.close();
    expect(await versions(client)).toEqual([first.version]);
    expect(await migrate(url)).toMatchObject({
      code: 0,
      stdout: `applied ${COUNT - 1} migrations\n`,
    });
    await expectWorking(url);
  });

  it('continues after its process was killed', async () => {
    const url = await bare();
    const client = await connectTo(url);
    const child: ChildProcess = startCli(['migrate'], {
      env: { DATABASE_URL: url },
      file: SOURCES,
    });
    let remarks = '';
    child.stderr?.on('data', (chunk) => {
      remarks += chunk;
    });
    while (!remarks.includes('applied')) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    const before = (await versions(client)).length;
    expect(before).toBeGreaterThan(0);
    expect(await migrate(url)).toMatchObject({ code: 0 });
    expect(await versions(client)).toHaveLength(COUNT);
    await expectWorking(url);
  });

  it('rolls back a migration that fails, and reports it', async () => {
    const url = await bare();
    const client = await connectTo(url);
    const [first, second] = MIGRATIONS as [Migration, Migration];
    const broken = { ...second, sql: `${second.sql}\nselect 1 / 0;` };
    const connection = await connectPostgres(url);
    await expect(applyMigrations(connection, [first, broken])).rejects.toMatchObject({
      code: 'AGENSIGHT_CLI_MIGRATION_FAILED',
      message: `migration ${second.version}_${second.name} failed and was rolled back: division by zero`,
    });
    await connection.close();
    expect(await versions(client)).toEqual([first.version]);
  });

  it('changes nothing with --dry-run and --status, which list what would be done', async () => {
    const url = await bare();
    const client = await connectTo(url);
    const before = await dump(client, []);
    const dryRun = await migrate(url, '--dry-run');
    expect(dryRun.code).toBe(0);
    expect(dryRun.stdout.split('\n').slice(0, -1)).toEqual([
      'would create the schema auth with the table users and the function uid()',
      ...MIGRATIONS.map(({ version, name }) => `would apply ${version}_${name}`),
    ]);
    const status = await migrate(url, '--status', '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({ applied: [], adopted: [] });
    expect((JSON.parse(status.stdout) as { pending: unknown[] }).pending).toHaveLength(COUNT);
    expect(await dump(client, [])).toEqual(before);
  });

  it('records the migrations of supabase db push, and applies only what it lacks', async () => {
    const url = await bare();
    const client = await connectTo(url);
    await client.query(HOSTED);
    const folder = emptyFolder();
    const files = readdirSync(migrationsFolder()).sort();
    writeProject(folder, {});
    for (const file of files.slice(0, -1)) {
      cpSync(join(migrationsFolder(), file), join(folder, 'supabase/migrations', file));
    }
    await push(folder, url);
    const status = await migrate(url, '--status');
    expect(status.stdout.match(/applied by supabase db push/g)).toHaveLength(COUNT - 1);
    expect(status.stdout.match(/pending/g)).toHaveLength(1);
    expect(await migrate(url)).toMatchObject({
      code: 0,
      stdout: `recorded ${COUNT - 1} migrations of supabase db push\napplied 1 migration\n`,
    });
    expect(await versions(client)).toHaveLength(COUNT);
    await expectWorking(url);

    // A later `supabase db push` of a new version is recognised as well.
    const { version, name } = MIGRATIONS.at(-1) as Migration;
    await client.query('delete from agensight_private.migrations where version = $1', [version]);
    await client.query(
      'insert into supabase_migrations.schema_migrations (version, name) values ($1, $2)',
      [version, name],
    );
    expect(await migrate(url)).toMatchObject({
      code: 0,
      stdout: 'recorded 1 migration of supabase db push\nthe database is up to date\n',
    });
  });
});
