import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { MigrationDatabase } from '../cli/migrate/database.ts';
import { readMigrations } from '../cli/migrate/files.ts';
import { lockHistory } from '../cli/migrate/history.ts';
import { connectPostgres } from '../cli/migrate/postgres.ts';
import { applyMigrations } from '../cli/migrate/run.ts';

const PLATFORM = fileURLToPath(new URL('./supabase-platform.sql', import.meta.url));

/**
 * Brings a local database up to date: first what hosted Supabase has in every database, then the
 * pending migrations, exactly as `agensight migrate` applies them.
 *
 * @returns the versions that were applied now
 */
export async function migrateLocal(database: MigrationDatabase): Promise<string[]> {
  const platform = await readFile(PLATFORM, 'utf8');
  await database.transaction(async (run) => {
    await lockHistory(run);
    await run(platform);
  });
  const { applied } = await applyMigrations(database, await readMigrations());
  return applied.map(({ version }) => version);
}

/** {@link migrateLocal} for a Postgres server by its URL. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const connection = await connectPostgres(databaseUrl);
  try {
    return await migrateLocal(connection);
  } finally {
    await connection.close();
  }
}
