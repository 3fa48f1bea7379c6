import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';

const PLATFORM = new URL('./supabase-platform.sql', import.meta.url);
const MIGRATIONS = new URL('../migrations/', import.meta.url);

/** Two runs at the same time take turns. The number only has to be ours. */
const LOCK = 4_318_000_001;

/** What migrating needs of a database: PGlite and a Postgres connection both have it. */
export interface SqlRunner {
  /** Runs one or more statements without parameters. */
  exec(sql: string): Promise<unknown>;
  /** The first column of every row of one query. */
  column(sql: string): Promise<string[]>;
}

interface Migration {
  version: string;
  name: string;
  sql: string;
}

/** The project's migrations in order. */
export async function listMigrations(): Promise<Migration[]> {
  const files = (await readdir(MIGRATIONS)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file) => ({
      version: file.slice(0, file.indexOf('_')),
      name: file.slice(file.indexOf('_') + 1, -'.sql'.length),
      sql: await readFile(new URL(file, MIGRATIONS), 'utf8'),
    })),
  );
}

/**
 * Brings a database up to date: the parts of the Supabase platform that it lacks, then each migration
 * that it has not had, one transaction each, recorded where the Supabase CLI records them.
 *
 * For local databases and tests. A hosted project is migrated by `supabase db push`.
 *
 * @returns the versions that were applied now
 */
export async function applyMigrations(database: SqlRunner): Promise<string[]> {
  await database.exec(await readFile(PLATFORM, 'utf8'));
  await database.exec(`
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (
      version text not null primary key, statements text[], name text);
  `);
  const done = new Set(
    await database.column('select version from supabase_migrations.schema_migrations'),
  );
  const applied: string[] = [];
  for (const { version, name, sql } of await listMigrations()) {
    if (done.has(version)) continue;
    try {
      await database.exec(
        `begin;\n${sql}\ninsert into supabase_migrations.schema_migrations (version, name) values ('${version}', '${name}');\ncommit;`,
      );
    } catch (error) {
      await database.exec('rollback');
      throw new Error(`Migration ${version}_${name} failed; nothing of it was kept.`, {
        cause: error,
      });
    }
    applied.push(version);
  }
  return applied;
}

/** {@link applyMigrations} on a Postgres by its URL, one run at a time. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(${LOCK})`);
    return await applyMigrations({
      exec: (sql) => client.query(sql),
      column: async (sql) => (await client.query({ text: sql, rowMode: 'array' })).rows.flat(),
    });
  } finally {
    await client.end();
  }
}
