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

/** The history of the database, ordered by version; null without a history table. */
export async function readHistory(run: RunSql): Promise<HistoryEntry[] | null> {
  const [found] = await run(
    `select pg_catalog.to_regclass(${literal(HISTORY)}) is not null as exists`,
  );
  if (found?.exists !== true) return null;
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

/** The migrations of ours that `supabase db push` has recorded in its own history. */
export async function readSupabaseHistory(
  run: RunSql,
  migrations: readonly Migration[],
): Promise<Migration[]> {
  const table = literal('supabase_migrations.schema_migrations');
  const [found] = await run(`select pg_catalog.to_regclass(${table}) is not null as exists`);
  if (found?.exists !== true) return [];
  const rows = await run('select version, name from supabase_migrations.schema_migrations');
  const known = new Set(rows.map(({ version, name }) => `${version}_${name}`));
  // The history may belong to another application, so the names must match as well.
  return migrations.filter(({ version, name }) => known.has(`${version}_${name}`));
}
