/** Compares the migrations of this package with the history of a database. */
import { CliError } from '../shell/errors.ts';
import type { RunSql } from './database.ts';
import type { Migration } from './files.ts';
import { type HistoryEntry, readHistory, readSupabaseHistory } from './history.ts';
import type { PlatformPart } from './platform.ts';
import { preflight } from './preflight.ts';

export interface Plan {
  readonly applied: readonly HistoryEntry[];
  /** Applied by `supabase db push`; the next run records them in the history table. */
  readonly adopted: readonly Migration[];
  readonly pending: readonly Migration[];
  /** Parts of the Supabase platform that the next run creates. */
  readonly platform: readonly PlatformPart[];
}

/**
 * Plans the next run. Changes nothing.
 *
 * @throws CliError when the database is unsuitable, newer than this package, or was migrated with
 * another content
 */
export async function planMigrations(run: RunSql, migrations: readonly Migration[]): Promise<Plan> {
  const applied = await readHistory(run);
  requireSameHistory(applied, migrations);
  const versions = new Set(applied.map(({ version }) => version));
  const unrecorded = migrations.filter(({ version }) => !versions.has(version));
  const adopted = unrecorded.length > 0 ? await readSupabaseHistory(run, unrecorded) : [];
  const pending = unrecorded.filter((migration) => !adopted.includes(migration));
  if (applied.length + adopted.length > 0) return { applied, adopted, pending, platform: [] };
  const { problems, missing } = await preflight(run, migrations);
  if (problems.length > 0) {
    throw new CliError('the migrations cannot be applied to this database; nothing was changed', {
      code: 'AGENSIGHT_CLI_DATABASE_UNSUITABLE',
      hint: problems.map((problem) => `- ${problem}`).join('\n'),
    });
  }
  return { applied, adopted, pending, platform: missing };
}

function requireSameHistory(
  applied: readonly HistoryEntry[],
  migrations: readonly Migration[],
): void {
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  const unknown = applied.filter(({ version }) => !known.has(version));
  if (unknown.length > 0) {
    const names = unknown.map(({ version, name }) => `${version}_${name}`).join(', ');
    throw new CliError(
      `the database has migrations that this version of agensight does not know: ${names}`,
      {
        code: 'AGENSIGHT_CLI_DATABASE_NEWER',
        hint: 'Use the version of agensight that applied them, or a newer one.',
      },
    );
  }
  const changed = applied.filter(
    ({ version, checksum }) => known.get(version)?.checksum !== checksum,
  );
  if (changed.length > 0) {
    const names = changed.map(({ version, name }) => `${version}_${name}`).join(', ');
    throw new CliError(`migrations were changed after they had been applied: ${names}`, {
      code: 'AGENSIGHT_CLI_MIGRATION_CHANGED',
      hint: 'Restore the files, for example by installing agensight again.',
    });
  }
}
