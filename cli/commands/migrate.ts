import { readMigrations } from '../migrate/files.ts';
import type { Plan } from '../migrate/plan.ts';
import { applyMigrations, type MigrateResult, readPlan } from '../migrate/run.ts';
import { defineCommand } from '../shell/command.ts';
import { CliError } from '../shell/errors.ts';
import type { Output } from '../shell/output.ts';
import { DATABASE_OPTIONS } from '../shell/settings.ts';

export const migrate = defineCommand({
  name: 'migrate',
  summary: 'create or update the tables in a Postgres database',
  args: '',
  maxArgs: 0,
  help: `
Applies the migrations of this version to any Postgres 15 or newer: a Supabase
project that has an application of its own, or a plain Postgres. Each file is one
transaction. Run it again at any time, also concurrently and through a transaction
pooler: each file is applied once.

Before the first migration it checks that nothing collides, and changes nothing if
something does. On a Postgres without Supabase it creates the roles anon,
authenticated and service_role and a minimal schema auth; --dry-run lists them.

The database may be an existing project of "supabase db push": its migrations are
recorded, not applied again.

  agensight migrate --database-url "$DATABASE_URL" --dry-run`,
  options: {
    ...DATABASE_OPTIONS,
    'dry-run': { type: 'boolean', help: 'list what would be done, and change nothing' },
    status: { type: 'boolean', help: 'list applied and pending migrations, and change nothing' },
  },
  run: async ({ values, settings, out }) => {
    const { databaseUrl } = settings;
    if (!databaseUrl) {
      throw new CliError('no database is set', {
        code: 'AGENSIGHT_CLI_SETTING_MISSING',
        hint: 'Set DATABASE_URL or --database-url. Supabase shows it under Connect.',
      });
    }
    const migrations = await readMigrations();
    const { connectPostgres } = await import('../migrate/postgres.ts');
    const connection = await connectPostgres(databaseUrl.value);
    try {
      if (values.status || values['dry-run']) {
        const plan = await readPlan(connection, migrations);
        const describe = values.status ? describeStatus : describeDryRun;
        if (values.json) await out.print(JSON.stringify(toJson(plan)));
        else for (const line of describe(plan, out)) await out.print(line);
        return true;
      }
      const result = await applyMigrations(connection, migrations, ({ version, name }) => {
        if (!values.json) out.remark(`applied ${version}_${name}`);
      });
      if (values.json) await out.print(JSON.stringify(resultToJson(result)));
      else for (const line of describeResult(result)) await out.print(line);
      return true;
    } finally {
      await connection.close();
    }
  },
});

type Named = { readonly version: string; readonly name: string };

const nameOf = ({ version, name }: Named): string => `${version}_${name}`;

const many = ({ length }: readonly unknown[]): string =>
  `${length} migration${length === 1 ? '' : 's'}`;

const toJson = ({ applied, adopted, pending, platform }: Plan) => ({
  applied: applied.map(({ version, name, applied_at }) => ({ version, name, applied_at })),
  adopted: adopted.map(({ version, name }) => ({ version, name })),
  pending: pending.map(({ version, name }) => ({ version, name })),
  platform: platform.map(({ name }) => name),
});

const resultToJson = ({ applied, adopted, platform }: MigrateResult) => ({
  applied: applied.map(({ version, name }) => ({ version, name })),
  adopted: adopted.map(({ version, name }) => ({ version, name })),
  platform,
});

function* describeStatus(
  { applied, adopted, pending }: Plan,
  { style }: Output,
): Generator<string> {
  const widest = Math.max(0, ...[...applied, ...adopted, ...pending].map((m) => nameOf(m).length));
  const line = (migration: Named, state: string) => `${nameOf(migration).padEnd(widest)}  ${state}`;
  for (const entry of applied) yield line(entry, style('green', `applied ${entry.applied_at}`));
  for (const entry of adopted) yield line(entry, style('green', 'applied by supabase db push'));
  for (const entry of pending) yield line(entry, style('yellow', 'pending'));
}

function* describeDryRun({ adopted, pending, platform }: Plan): Generator<string> {
  for (const { name } of platform) yield `would create the ${name}`;
  for (const entry of adopted) yield `would record ${nameOf(entry)}, applied by supabase db push`;
  for (const entry of pending) yield `would apply ${nameOf(entry)}`;
  if (adopted.length + pending.length === 0) yield 'the database is up to date';
}

function* describeResult({ applied, adopted, platform }: MigrateResult): Generator<string> {
  for (const name of platform) yield `created the ${name}`;
  if (adopted.length > 0) yield `recorded ${many(adopted)} of supabase db push`;
  yield applied.length > 0 ? `applied ${many(applied)}` : 'the database is up to date';
}
