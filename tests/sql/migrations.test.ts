import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { readMigrations as listMigrations } from '../../cli/migrate/files.ts';
import { migrate } from '../../local/migrate.ts';
import { Database } from '../support/database.ts';
import { createBareDatabase } from '../support/postgres.ts';

const run = promisify(execFile);
const CLI = fileURLToPath(new URL('../../node_modules/.bin/supabase', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PLATFORM = new URL('../../local/supabase-platform.sql', import.meta.url);

/** The official CLI against any Postgres; it needs neither Docker nor an account for that. */
async function supabase(url: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(CLI, [...args, `--remote=${url}?sslmode=disable`, '--yes'], {
    cwd: ROOT,
    env: { ...process.env, DO_NOT_TRACK: '1', SUPABASE_TELEMETRY_DISABLED: '1' },
  });
  return stdout;
}

/** What the CLI's security and performance advisors find, from level info up. */
async function advice(url: string): Promise<string[]> {
  const found = await supabase(url, 'db', 'advisors', '--level', 'info');
  return found.trim() === ''
    ? []
    : JSON.parse(found).map(({ detail }: { detail: string }) => detail);
}

/** Everything that a schema is made of, as text. */
async function schemaOf(database: Database): Promise<unknown> {
  return database.query(`
    select c.oid::regclass::text as name, c.relkind::text as what, c.relacl::text as rights,
           array(select a.attname || ' ' || format_type(a.atttypid, a.atttypmod) from pg_attribute a
                 where a.attrelid = c.oid and a.attnum > 0 order by a.attnum)::text as body
    from pg_class c where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    union all
    select p.oid::regprocedure::text, 'function', p.proacl::text, pg_get_functiondef(p.oid)
    from pg_proc p where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
    union all
    select polrelid::regclass || ' ' || polname, 'policy', null, pg_get_expr(polqual, polrelid) from pg_policy
    order by 1, 2`);
}

describe.each([...inject('postgresServers')])('migrations (Postgres $version)', (server) => {
  it('are applied by the official CLI, once, and leave nothing for its advisors', async () => {
    const url = await createBareDatabase(server.url);
    const database = await Database.open(url);
    await database.query(await readFile(PLATFORM, 'utf8'));

    await supabase(url, 'db', 'push');
    const versions = (await listMigrations()).map(({ version }) => ({ version }));
    const applied = () =>
      database.query('select version from supabase_migrations.schema_migrations order by 1');
    expect(await applied()).toEqual(versions);
    await supabase(url, 'db', 'push');
    expect(await applied()).toEqual(versions);

    // That the advisors do look is seen from the indexes that a new database has never used.
    expect(await advice(url)).toContainEqual(expect.stringContaining('has not been used'));
    await useEveryIndex(database);
    expect(await advice(url)).toEqual([]);
    await database.close();
  });

  it('yield the same schema by the CLI and by the local stack, however often they run', async () => {
    const [byCli, byUs] = [
      await createBareDatabase(server.url),
      await createBareDatabase(server.url),
    ];
    const [one, other] = [await Database.open(byCli), await Database.open(byUs)];
    await one.query(await readFile(PLATFORM, 'utf8'));
    await supabase(byCli, 'db', 'push');
    const [first, second] = await Promise.all([migrate(byUs), migrate(byUs)]);
    expect([first, second].map((list) => list.length).sort()).toEqual([
      0,
      (await listMigrations()).length,
    ]);
    expect(await schemaOf(other)).toEqual(await schemaOf(one));
    await Promise.all([one.close(), other.close()]);
  });
});

/** An advisor names indexes that were never used; in a new database that is all of them. */
async function useEveryIndex(database: Database): Promise<void> {
  const project = await database.project();
  await database.ingest(project, {
    traces: [{ id: 't', session_id: 's' }],
    spans: [{ trace_id: 't', id: 'a', kind: 'llm' }],
  });
  await database.query('set enable_seqscan = off');
  for (const sql of [
    'select id from public.traces where project_id = $1 order by started_at desc',
    'select id from public.traces where project_id = $1 order by session_id',
    'select id from public.sessions where project_id = $1 order by started_at desc',
    'select id from public.traces where project_id = $1 order by received_at',
    'select id from public.sessions where project_id = $1 order by received_at',
    "select id from public.spans where project_id = $1 and kind = 'llm' order by started_at desc",
    "select id from public.spans where project_id = $1 and status = 'error' order by started_at desc",
    "select id from public.traces where project_id = $1 and user_id = 'u' order by started_at desc",
    "select id from public.sessions where project_id = $1 and user_id = 'u' order by started_at desc",
    "select 1 from private.trace_search where terms @> '{1}' and $1::uuid is not null",
    'select 1 from private.trace_search where project_id = $1 and started_at > now() order by started_at desc, trace_id desc',
    'select 1 from private.trace_search where project_id = $1 and duration_ms > 1 order by duration_ms desc',
    'select 1 from private.trace_search where project_id = $1 and cost > 1 order by cost desc',
    'select 1 from private.traces_to_index where $1::uuid is not null order by queued_at',
    "select id from public.spans where project_id = $1 and trace_id = 't' and parent_id = 'p' and kind = 'llm'",
    'select model from public.unpriced_models where project_id = $1',
    'select id from public.prices where project_id = $1',
    'select max(valid_from) from public.prices where $1::uuid is not null',
    'select max(valid_until) from public.prices where $1::uuid is not null',
    "select id from public.tools where project_id = $1 and trace_id = 't' and id = run_span_id",
    'select 1 from public.receipts where project_id = $1 order by received_at desc',
    "select 1 from public.spans where project_id = $1 and id = 'x' and length(id) = 36",
    'select 1 from public.project_members where project_id = $1',
    'select 1 from private.tokens where project_id = $1',
    'select 1 from private.tokens where created_by = $1',
    'select 1 from private.invitations where project_id = $1',
    'select 1 from private.invitations where created_by = $1',
    'select 1 from private.invitations where accepted_by = $1',
    'select 1 from private.erasures where project_id = $1',
    'select 1 from private.erasures where requested_by = $1',
  ]) {
    await database.query(sql, [project.id]);
  }
  // Statistics are sent when a connection is idle; waiting for them is asking for them.
  await database.query('select pg_stat_force_next_flush()');
  await database.query('select 1');
}
