/** Objects and settings of other applications that migrations depend on. */
import { describe, expect, inject, it } from 'vitest';
import { connectPostgres } from '../../../cli/migrate/postgres.ts';
import { applyMigrations } from '../../../cli/migrate/run.ts';
import { createBareDatabase } from '../../support/postgres.ts';
import { dump } from './foreign-app.ts';
import { COUNT, connectTo, expectWorking, MIGRATIONS, migrate } from './harness.ts';

const REALTIME = `
  create schema realtime;
  create table realtime.messages (topic text, extension text, payload jsonb);
  create function realtime.topic() returns text language sql as 'select null::text';
  create function realtime.send(jsonb, text, text, boolean) returns void language sql as '';`;
const FIRST = MIGRATIONS[0] ?? { version: '', name: '' };
const HISTORY = `
  create schema supabase_migrations;
  create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
  insert into supabase_migrations.schema_migrations (version, name) values ('${FIRST.version}', '${FIRST.name}');`;

describe.each([...inject('postgresServers')])('agensight migrate (Postgres $version)', (server) => {
  async function prepare(sql: string) {
    const url = await createBareDatabase(server.url);
    const client = await connectTo(url);
    await client.query(sql);
    return { url, client };
  }

  it.each<[string, string, string]>([
    [
      'a function realtime.send() of its own',
      `create schema realtime; create table realtime.messages (i int);
       create function realtime.send(jsonb, text, text, boolean) returns void language sql as '';`,
      "- The schema realtime exists, but is not Supabase's Realtime: it has no table messages with the columns topic and extension (text), and no function topic() that returns text.",
    ],
    [
      'a table realtime.messages of its own',
      'create schema realtime; create table realtime.messages (topic text, extension text);',
      "is not Supabase's Realtime: it has no function topic() that returns text.",
    ],
    [
      'a policy of the same name',
      `${REALTIME} create policy "members hear of their projects' traces" on realtime.messages using (true);`,
      '- The table realtime.messages already has a policy',
    ],
    [
      'an unlogged table auth.users',
      `create schema auth; create unlogged table auth.users (id uuid primary key, email text);
       create function auth.uid() returns uuid language sql as 'select null::uuid';`,
      '- The schema auth exists, but its table users does not exist or lacks',
    ],
    [
      'a function auth.uid() that returns a set',
      `create schema auth; create table auth.users (id uuid primary key, email text);
       create function auth.uid() returns setof uuid language sql as 'select null::uuid';`,
      '- The schema auth exists, but has no function auth.uid()',
    ],
    [
      'a history of supabase db push without our schemas',
      HISTORY,
      `supabase migration repair --status reverted ${FIRST.version}`,
    ],
    [
      'schemas of our names beside a history of another tool',
      `create schema supabase_migrations; create table supabase_migrations.schema_migrations (id bigint);
       create schema agensight_private; create table agensight_private.migrations (id bigint);`,
      '- The schema agensight_private already exists, and not from these migrations. Rename or drop it',
    ],
  ])('refuses %s and changes nothing', async (_, sql, problem) => {
    const { url, client } = await prepare(sql);
    const before = await dump(client, []);
    for (const args of [[], ['--dry-run'], ['--status']]) {
      const run = await migrate(url, ...args);
      expect(run).toMatchObject({ code: 1, stdout: '' });
      expect(run.stderr).toContain(problem);
    }
    expect(await dump(client, [])).toEqual(before);
  });

  it.each<[string, string]>([
    [
      'a history of another tool',
      `create schema supabase_migrations; create table supabase_migrations.schema_migrations (version text);`,
    ],
    ["Supabase's Realtime", REALTIME],
    ['an empty schema realtime', 'create schema realtime;'],
    [
      'settings that change the meaning of SQL',
      `do $$ begin
         execute format('alter database %I set standard_conforming_strings = off', current_database());
         execute format('alter database %I set check_function_bodies = off', current_database());
         execute format('alter database %I set search_path = theirs, pg_catalog', current_database());
         execute format('alter database %I set row_security = off', current_database());
         execute format('alter database %I set quote_all_identifiers = on', current_database());
         execute format('alter database %I set backslash_quote = off', current_database());
         execute format('alter database %I set transform_null_equals = on', current_database());
         execute format('alter database %I set default_transaction_isolation = serializable', current_database());
         execute format('alter database %I set datestyle = ''German, DMY''', current_database());
       end $$;
       create schema theirs; create function theirs.length(text) returns int language sql as 'select 0';`,
    ],
  ])('works with %s', async (_, sql) => {
    const { url, client } = await prepare(sql);
    expect(await migrate(url)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('applied'),
    });
    const { rows } = await client.query(
      'select count(*)::int as n from agensight_private.migrations',
    );
    expect(rows).toEqual([{ n: COUNT }]);
    const name = new URL(url).pathname.slice(1);
    await client.query(`alter database ${name} reset all`);
    await expectWorking(url);
  });

  it('refuses objects that another application creates between two runs', async () => {
    const { url, client } = await prepare('');
    const connection = await connectPostgres(url);
    await applyMigrations(connection, MIGRATIONS.slice(0, 3));
    await connection.close();
    await client.query('create schema realtime; create table realtime.messages (i int)');
    const run = await migrate(url);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain("is not Supabase's Realtime");
    await client.query('drop schema realtime cascade');
    expect(await migrate(url)).toMatchObject({ code: 0 });
  });

  it('refuses a history of its own whose schema agensight was dropped', async () => {
    const { url, client } = await prepare('');
    await migrate(url);
    await client.query('drop schema agensight cascade');
    const run = await migrate(url, '--status');
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain('drop schema agensight_private cascade');
  });
});
