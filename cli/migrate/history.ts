/** The history table: which migrations a database has, and with which content. */
import * as z from 'zod/mini';
import { literal, type RunSql } from './database.ts';
import type { Migration } from './files.ts';

/** The first migration creates it. It stays empty where `supabase db push` applies the migrations. */
const HISTORY = 'agensight_private.migrations';

/** Key of the advisory lock under which each migration is applied. Arbitrary, but fixed. */
const LOCK_KEY = 4_318_000_001;

const HistoryRow = z.object({
  version: z.string(),
  name: z.string(),
  checksum: z.string(),
  applied_at: z.string(),
});

export type HistoryEntry = z.infer<typeof HistoryRow>;

/**
 * Serialises concurrent runs until the end of the transaction. Session locks would not survive a
 * transaction pooler.
 */
export async function lockHistory(run: RunSql): Promise<void> {
  await run(`set local lock_timeout = 0`);
  await run(`set local statement_timeout = 0`);
  await run(`select pg_catalog.pg_advisory_xact_lock(${LOCK_KEY})`);
}

/** The history of the database, ordered by version; empty without a history table. */
export async function readHistory(run: RunSql): Promise<HistoryEntry[]> {
  if (!(await hasTable(run, 'agensight_private', 'migrations'))) return [];
  const rows = await run(`
    select version, name, checksum,
           pg_catalog.to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as applied_at
    from ${HISTORY} order by version`);
  return z.parse(z.array(HistoryRow), rows);
}

/** Records migrations as applied, in the transaction that applied them. */
export async function recordMigrations(
  run: RunSql,
  migrations: readonly Migration[],
): Promise<void> {
  const values = migrations.map(
    ({ version, name, checksum }) =>
      `(${literal(version)}, ${literal(name)}, ${literal(checksum)})`,
  );
  await run(`insert into ${HISTORY} (version, name, checksum) values ${values.join(', ')}`);
}

/**
 * Whether a table exists. Reads the catalogue instead of calling `to_regclass()`, which may answer from
 * the cache of a server connection that waited for the lock while another run created the table.
 */
async function hasTable(run: RunSql, schema: string, table: string): Promise<boolean> {
  const [found] = await run(`
    select exists (
      select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${literal(schema)} and c.relname = ${literal(table)}) as exists`);
  return found?.exists === true;
}

/** The migrations of ours that `supabase db push` has recorded in its own history. */
export async function readSupabaseHistory(
  run: RunSql,
  migrations: readonly Migration[],
): Promise<Migration[]> {
  if (!(await hasTable(run, 'supabase_migrations', 'schema_migrations'))) return [];
  const rows = await run('select version, name from supabase_migrations.schema_migrations');
  const known = new Set(rows.map(({ version, name }) => `${version}_${name}`));
  // The history may belong to another application, so the names must match as well.
  return migrations.filter(({ version, name }) => known.has(`${version}_${name}`));
}
