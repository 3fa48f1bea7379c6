/**
 * Applies migrations: one transaction per file, with its row of the history table in the same
 * transaction. Each transaction takes the lock and reads the history again, so that concurrent runs
 * apply each file once, also through a transaction pooler.
 */
import { CliError } from '../shell/errors.ts';
import type { MigrationDatabase, RunSql } from './database.ts';
import type { Migration } from './files.ts';
import { lockHistory, recordMigrations } from './history.ts';
import { type Plan, planMigrations } from './plan.ts';

/** The changes of one run. */
export interface MigrateResult {
  /** Applied by this run. */
  readonly applied: Migration[];
  /** Found in the history of `supabase db push` and recorded by this run. */
  readonly adopted: Migration[];
  /** Names of the created parts of the Supabase platform. */
  readonly platform: string[];
}

/** The plan of the next run. Changes nothing. */
export const readPlan = (
  database: MigrationDatabase,
  migrations: readonly Migration[],
): Promise<Plan> => database.transaction((run) => planMigrations(run, migrations));

/**
 * Applies all pending migrations.
 *
 * @param onApplied is called after each committed migration
 * @throws CliError when the database is unsuitable or a migration fails; earlier migrations stay
 * applied
 */
export async function applyMigrations(
  database: MigrationDatabase,
  migrations: readonly Migration[],
  onApplied: (migration: Migration) => void = () => {},
): Promise<MigrateResult> {
  const result: MigrateResult = { applied: [], adopted: [], platform: [] };
  for (;;) {
    const step = await database.transaction((run) => applyNext(run, migrations));
    result.adopted.push(...step.adopted);
    result.platform.push(...step.platform);
    if (!step.applied) return result;
    result.applied.push(step.applied);
    onApplied(step.applied);
  }
}

interface Step {
  readonly applied: Migration | null;
  readonly adopted: readonly Migration[];
  readonly platform: readonly string[];
}

async function applyNext(run: RunSql, migrations: readonly Migration[]): Promise<Step> {
  await lockHistory(run);
  const { adopted, pending, platform } = await planMigrations(run, migrations);
  if (adopted.length > 0) await recordMigrations(run, adopted);
  const [next] = pending;
  if (!next) return { applied: null, adopted, platform: [] };
  // Nothing may resolve to an object of another application, whatever its search_path is.
  await run(`set local search_path = ''`);
  for (const { create } of platform) await run(create);
  try {
    await run(next.sql);
    await recordMigrations(run, [next]);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { message } = error as Error;
    throw new CliError(
      `migration ${next.version}_${next.name} failed and was rolled back: ${message}`,
      { code: 'AGENSIGHT_CLI_MIGRATION_FAILED', cause: error },
    );
  }
  return { applied: next, adopted, platform: platform.map(({ name }) => name) };
}
