import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { readMigrations } from '../../cli/migrate/files.ts';
import { EXPECTED_SCHEMA_VERSION } from '../../lambda/protocol/health.ts';
import { migrate } from '../../local/migrate.ts';
import { Database } from '../support/database.ts';
import { createBareDatabase, createDatabase } from '../support/postgres.ts';

const SCRIPT = fileURLToPath(new URL('../../local/supabase.ts', import.meta.url));
const PLATFORM = new URL('../../local/supabase-platform.sql', import.meta.url);

/** `npm run supabase -- <args>` against any Postgres; the CLI needs neither Docker nor an account for that. */
async function supabase(url: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [SCRIPT, ...args, `--remote=${url}?sslmode=disable`, '--yes'],
    { env: { ...process.env, DO_NOT_TRACK: '1', SUPABASE_TELEMETRY_DISABLED: '1' } },
  );
  return stdout;
}

/** What the CLI's security and performance advisors find, from level info up. */
async function advice(url: string): Promise<string[]> {
  const found = await supabase(url, 'db', 'advisors', '--level', 'info');
  return found.trim() === ''
    ? []
    : JSON.parse(found).map(({ detail }: { detail: string }) => detail);
}

/** All objects of the schemas as text, with their privileges, sequences and schemas included. */
async function schemaOf(database: Database): Promise<unknown> {
  return database.query(`
    with ours as (select unnest(array['agensight'::regnamespace, 'agensight_private'::regnamespace]) as id)
    select c.oid::regclass::text as name, c.relkind::text as what, ${rights('c.relacl')} as rights,
           array(select a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ${rights('a.attacl')} from pg_attribute a
                 where a.attrelid = c.oid and a.attnum > 0 order by a.attnum)::text as body
    from pg_class c where c.relnamespace in (select id from ours)
    union all
    select p.oid::regprocedure::text, 'function', ${rights('p.proacl')}, pg_get_functiondef(p.oid)
    from pg_proc p where p.pronamespace in (select id from ours)
    union all
    select n.nspname, 'schema', ${rights('n.nspacl')}, null from pg_namespace n where n.oid in (select id from ours)
    union all
    select polrelid::regclass || ' ' || polname, 'policy', null, pg_get_expr(polqual, polrelid) from pg_policy
    order by 1, 2`);
}

/** An access control list in a stable order. */
function rights(acl: string): string {
  return `(select coalesce(string_agg(g.grantee::regrole || ' ' || g.privilege_type, ', ' order by 1), '')
           from aclexplode(${acl}) g)`;
}

describe.each([...inject('postgresServers')])('migrations (Postgres $version)', (server) => {
  it('are applied by the official CLI, once, and give its advisors no finding', async () => {
    const url = await createBareDatabase(server.url);
    const database = await Database.open(url);
    await database.query(await readFile(PLATFORM, 'utf8'));

    await supabase(url, 'db', 'push');
    const versions = (await readMigrations()).map(({ version }) => ({ version }));
    const applied = () =>
      database.query('select version from supabase_migrations.schema_migrations order by 1');
    expect(await applied()).toEqual(versions);
    await supabase(url, 'db', 'push');
    expect(await applied()).toEqual(versions);

    // The advisors do read our schema: they report unused indexes of a new database, and a table that is
    // writable by all.
    await database.query(
      'create table agensight.open_to_all (id integer); grant all on agensight.open_to_all to anon',
    );
    const careless = await advice(url);
    expect(careless).toContainEqual(expect.stringContaining('has not been used'));
    expect(careless).toContainEqual(expect.stringMatching(/agensight\.open_to_all.*RLS/));
    await database.query('drop table agensight.open_to_all');
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
    // Two runs at once share the files: each is applied by one of them.
    const runs = await Promise.all([migrate(byUs), migrate(byUs)]);
    const versions = (await readMigrations()).map(({ version }) => version);
    expect(runs.flat().sort()).toEqual(versions);
    expect(await migrate(byUs)).toEqual([]);
    expect(await schemaOf(other)).toEqual(await schemaOf(one));
    await Promise.all([one.close(), other.close()]);
  });

  it('define the schema version that the functions require', async () => {
    const database = await Database.open(await createDatabase(server.url));
    expect(await database.value('select agensight.schema_version()')).toBe(EXPECTED_SCHEMA_VERSION);
    await database.close();
  });

  it('grant the same, sequences included, whatever default privileges are in force', async () => {
    const [usual, careless] = [
      await createBareDatabase(server.url),
      await createBareDatabase(server.url),
    ];
    const [one, other] = [await Database.open(usual), await Database.open(careless)];
    for (const objects of ['schemas', 'tables', 'sequences', 'functions']) {
      await other.query(
        `alter default privileges grant all on ${objects} to public, anon, authenticated, service_role`,
      );
    }
    // One after the other, because roles belong to the server.
    await migrate(usual);
    await migrate(careless);
    expect(await schemaOf(other)).toEqual(await schemaOf(one));
    expect(
      await other.query(`select c.oid::regclass::text, role from pg_class c
        cross join unnest(array['anon', 'authenticated', 'service_role']) role
        where c.relkind = 'S' and c.relnamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace)
          and has_sequence_privilege(role, c.oid, 'usage, select, update')`),
    ).toEqual([]);
    await Promise.all([one.close(), other.close()]);
  });
});

const OF_RESPONSE =
  'agensight_private.place_key(trace_id, agensight_private.own_response_id(response_id, own)) = 1';

/** An advisor names indexes that were never used; in a new database that is all of them. */
async function useEveryIndex(database: Database): Promise<void> {
  const project = await database.project();
  await database.ingest(project, {
    traces: [{ id: 't', session_id: 's' }],
    spans: [{ trace_id: 't', id: 'a', kind: 'llm' }],
  });
  await database.query('set enable_seqscan = off');
  for (const sql of [
    'select id from agensight.traces where project_id = $1 order by started_at desc',
    'select id from agensight.traces where project_id = $1 order by session_id',
    'select id from agensight.sessions where project_id = $1 order by started_at desc',
    'select id from agensight.traces where project_id = $1 order by received_at',
    'select id from agensight.sessions where project_id = $1 order by received_at',
    "select id from agensight.spans where project_id = $1 and kind = 'llm' order by started_at desc",
    "select id from agensight.spans where project_id = $1 and status = 'error' order by started_at desc",
    "select id from agensight.traces where project_id = $1 and user_id = 'u' order by started_at desc",
    "select id from agensight.sessions where project_id = $1 and user_id = 'u' order by started_at desc",
    "select 1 from agensight_private.trace_search where terms @> '{1}' and $1::uuid is not null",
    'select 1 from agensight_private.trace_search where project_id = $1 and started_at > now() order by started_at desc, trace_id desc',
    'select 1 from agensight_private.trace_search where project_id = $1 and duration_ms > 1 order by duration_ms desc',
    'select 1 from agensight_private.trace_search where project_id = $1 and cost > 1 order by cost desc',
    'select 1 from agensight_private.traces_to_index where $1::uuid is not null order by queued_at',
    'select 1 from agensight_private.call_links where $1::uuid is not null and agensight_private.place_key(trace_id, above) = 1',
    `select 1 from agensight.completions where $1::uuid is not null and ${OF_RESPONSE} and completion_index = 0 and response_id is not null`,
    `select 1 from agensight.completions where $1::uuid is not null and ${OF_RESPONSE} and completion_index = 0 and repeat_of is not null and response_id is not null`,
    'select 1 from agensight.completions where $1::uuid is not null and agensight_private.place_key(trace_id, repeat_of) = 1 and completion_index = 0 and repeat_of is not null',
    ...['run_span_id', 'missing', 'around'].map(
      (column) =>
        `select 1 from agensight_private.tool_parts where $1::uuid is not null and agensight_private.place_key(trace_id, ${column}) = 1 and ${column} is not null`,
    ),
    'select 1 from agensight_private.tool_parts where $1::uuid is not null and agensight_private.place_key(trace_id, values_key::text) = 1',
    'select 1 from agensight_private.tool_parts where $1::uuid is not null and agensight_private.place_key(trace_id, home) = 1 and home <> id',
    'select 1 from agensight_private.tool_parts where $1::uuid is not null and agensight_private.place_key(trace_id, name) = 1 and (mate is null or is_loose) and not is_answer and (is_run or run_span_id is null)',
    'select model from agensight.unpriced_models where project_id = $1',
    'select id from agensight.prices where project_id = $1',
    'select max(valid_from) from agensight.prices where $1::uuid is not null',
    'select max(valid_until) from agensight.prices where $1::uuid is not null',
    'select 1 from agensight.receipts where project_id = $1 order by received_at desc',
    "select 1 from agensight.spans where project_id = $1 and id = 'x' and length(id) = 36",
    'select 1 from agensight.project_members where project_id = $1',
    'select 1 from agensight_private.tokens where project_id = $1',
    'select 1 from agensight_private.tokens where created_by = $1',
    'select 1 from agensight_private.invitations where project_id = $1',
    'select 1 from agensight_private.invitations where created_by = $1',
    'select 1 from agensight_private.invitations where accepted_by = $1',
    'select 1 from agensight_private.erasures where project_id = $1',
    'select 1 from agensight_private.erasures where requested_by = $1',
  ]) {
    await database.query(sql, [project.id]);
  }
  // Statistics are sent when a connection is idle, so this polls for them.
  await database.query('select pg_stat_force_next_flush()');
  await database.query('select 1');
}
