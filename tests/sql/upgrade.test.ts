import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { readMigrations as listMigrations } from '../../cli/migrate/files.ts';
import { migrate } from '../../local/migrate.ts';
import { RECORDS } from '../../wire/records.ts';
import { Database, type TestProject } from '../support/database.ts';
import { createBareDatabase } from '../support/postgres.ts';
import { anyLists } from '../support/random-batches.ts';

const PLATFORM = new URL('../../local/supabase-platform.sql', import.meta.url);
/** The last migration of the schema that landed first. */
const FIRST_SCHEMA = '20261122090600';

/** A database as it was when the first schema had landed. */
async function firstSchema(url: string): Promise<Database> {
  const database = await Database.open(url);
  await database.query(await readFile(PLATFORM, 'utf8'));
  await database.query(`create schema supabase_migrations;
    create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text)`);
  for (const { version, name, sql } of await listMigrations()) {
    if (version > FIRST_SCHEMA) break;
    await database.query(`begin;\n${sql}\ncommit;`);
    await database.query(
      'insert into supabase_migrations.schema_migrations (version, name) values ($1, $2)',
      [version, name],
    );
  }
  return database;
}

/** Every field that a record may have, of every row of a project; but a trace's end, which is a total now. */
async function records(database: Database, { id }: TestProject): Promise<Record<string, unknown>> {
  const tables: Record<string, unknown> = {};
  for (const { table, fields, key } of Object.values(RECORDS)) {
    tables[table] = await database.query(
      `select ${Object.keys(fields)
        .filter((field) => table !== 'traces' || field !== 'ended_at')
        .join(', ')} from public.${table} t where project_id = $1
       order by ${key.map((column) => `${column}::text collate "C"`).join(', ')}`,
      [id],
    );
  }
  return tables;
}

it.each([...inject('postgresServers')])(
  'a database full of data comes through the upgrade, and through another run of it (Postgres $version)',
  async (server) => {
    const url = await createBareDatabase(server.url);
    const database = await firstSchema(url);
    const owner = await database.value<string>(
      'insert into auth.users default values returning id',
    );
    const projects: TestProject[] = [];
    // Few ids, so that records meet; several projects, so that some meet nothing.
    for (const [seed, batches] of [1, 3, 8, 20].entries()) {
      const project = await database.project(`project ${seed}`);
      projects.push(project);
      for (const lists of fc.sample(anyLists, { numRuns: batches, seed })) {
        await database.ingest(project, lists);
      }
      await database.query("insert into public.project_members values ($1, $2, 'owner')", [
        project.id,
        owner,
      ]);
    }
    const before = await Promise.all(projects.map((project) => records(database, project)));
    const receipts = await database.value('select count(*)::integer from public.receipts');

    const applied = await migrate(url);
    expect(applied.length).toBe(
      (await listMigrations()).filter(({ version }) => version > FIRST_SCHEMA).length,
    );
    expect(await migrate(url)).toEqual([]);
    await database.query('discard plans');

    for (const [index, project] of projects.entries()) {
      const after = await records(database, project);
      const { traces, ...others } = before[index] as { traces: { id: string }[] };
      const { traces: tracesAfter, ...othersAfter } = after as { traces: { id: string }[] };
      expect(othersAfter).toEqual(others);
      const known = new Set(traces.map(({ id }) => id));
      expect(tracesAfter.filter(({ id }) => known.has(id))).toEqual(traces);
      // A prompt alone makes its trace now.
      const added = tracesAfter.filter(({ id }) => !known.has(id)).map(({ id }) => id);
      const prompted = (others as unknown as { prompts: { trace_id: string }[] }).prompts;
      expect(prompted.map(({ trace_id }) => trace_id)).toEqual(expect.arrayContaining(added));
    }
    expect(await database.value('select count(*)::integer from public.receipts')).toBe(receipts);
    expect(await database.query('select * from public.audit_totals()')).toEqual([]);
    expect(
      await database.query('select from public.traces where received_at > started_at'),
    ).toEqual([]);
    // The token that was made before still writes, and what was sent before is still known.
    for (const project of projects) {
      await database.ingest(project, { spans: [{ trace_id: 'after', id: 'p' }] });
    }
    expect(await database.query('select * from public.audit_totals()')).toEqual([]);
    expect(await database.value('select (public.maintain()) ->> $1', ['done'])).toBe('true');
    await database.close();
  },
);
