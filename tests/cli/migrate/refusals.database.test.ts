import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { migrationsFolder, readMigrations } from '../../../cli/migrate/files.ts';
import { connectPostgres } from '../../../cli/migrate/postgres.ts';
import { readPlan } from '../../../cli/migrate/run.ts';
import { createBareDatabase } from '../../support/postgres.ts';
import { dump } from './foreign-app.ts';
import { connectTo, migrate } from './harness.ts';

describe.each([...inject('postgresServers')])('agensight migrate (Postgres $version)', (server) => {
  const bare = () => createBareDatabase(server.url);

  describe('refuses with a list of problems and changes nothing', () => {
    it.each<[string, string, string[]]>([
      [
        'schemas of the same names',
        'create schema agensight; create schema agensight_private;',
        [
          '- The schema agensight already exists, and not from these migrations.',
          '- The schema agensight_private already exists, and not from these migrations.',
        ],
      ],
      [
        'a schema auth of its own',
        'create schema auth; create table auth.users (id bigint primary key, email text);',
        [
          '- The schema auth exists, but its table users does not exist or lacks the columns id (uuid, unique) and email.',
          '- The schema auth exists, but has no function auth.uid() that returns uuid.',
        ],
      ],
    ])('for %s', async (_, sql, problems) => {
      const url = await bare();
      const client = await connectTo(url);
      await client.query(sql);
      const before = await dump(client, []);
      for (const args of [[], ['--dry-run'], ['--status']]) {
        const run = await migrate(url, ...args);
        expect(run).toMatchObject({ code: 1, stdout: '' });
        expect(run.stderr).toBe(
          `agensight: the migrations cannot be applied to this database; nothing was changed\n${problems
            .map((problem) => `  ${problem}\n`)
            .join('')}`,
        );
      }
      expect(await dump(client, [])).toEqual(before);
    });

    it('for another encoding', async () => {
      const client = await connectTo(server.url);
      const name = `ascii_${process.pid}`;
      await client.query(
        `create database ${name} encoding 'SQL_ASCII' locale 'C' template template0`,
      );
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      expect((await migrate(url.href)).stderr).toContain(
        '- The encoding of the database is SQL_ASCII: UTF8 is required.',
      );
    });

    it('for a connection that is read-only', async () => {
      const url = await bare();
      const client = await connectTo(url);
      const name = new URL(url).pathname.slice(1);
      await client.query(`alter database ${name} set default_transaction_read_only = on`);
      expect((await migrate(url)).stderr).toContain('- The connection is read-only');
    });
  });

  it('refuses a changed migration, and a database that is newer than the package', async () => {
    const url = await bare();
    const client = await connectTo(url);
    expect(await migrate(url)).toMatchObject({ code: 0 });
    const folder = mkdtempSync(join(tmpdir(), 'agensight-changed-'));
    cpSync(migrationsFolder(), folder, { recursive: true });
    const [file = ''] = readdirSync(folder).sort();
    writeFileSync(join(folder, file), `${readFileSync(join(folder, file), 'utf8')}-- changed\n`);
    const connection = await connectPostgres(url);
    await expect(readPlan(connection, await readMigrations(folder))).rejects.toMatchObject({
      code: 'AGENSIGHT_CLI_MIGRATION_CHANGED',
      message: expect.stringContaining(file.replace('.sql', '')),
    });
    await connection.close();
    await client.query(
      `insert into agensight_private.migrations (version, name, checksum)
       values ('29990101000000', 'later', repeat('0', 64))`,
    );
    const run = await migrate(url, '--json');
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stderr)).toMatchObject({
      error: {
        code: 'AGENSIGHT_CLI_DATABASE_NEWER',
        message: expect.stringContaining('29990101000000_later'),
      },
    });
  });

  it.each<[string, (url: URL) => void, string, string]>([
    ['a wrong password', (url) => (url.password = 'wrong'), 'UNAUTHORIZED', 'password'],
    ['an unknown user', (url) => (url.username = 'nobody'), 'UNAUTHORIZED', 'nobody'],
    ['an unknown database', (url) => (url.pathname = '/nowhere'), 'NOT_FOUND', 'nowhere'],
    ['a closed port', (url) => (url.port = '1'), 'UNREACHABLE', 'ECONNREFUSED'],
    ['an unknown host', (url) => (url.hostname = 'nowhere.invalid'), 'UNREACHABLE', 'nowhere'],
  ])('explains %s', async (_, change, code, message) => {
    const url = new URL(server.url);
    change(url);
    const run = await migrate(url.href, '--json');
    expect(run).toMatchObject({ code: 1, stdout: '' });
    const { error } = JSON.parse(run.stderr) as { error: Record<string, string> };
    expect(error).toMatchObject({
      code: `AGENSIGHT_CLI_${code}`,
      message: expect.stringContaining(message),
    });
    expect(error.hint).not.toBe('');
    expect(run.stderr).not.toContain('postgres:postgres');
  });
});
