/** Roles belong to the whole server, so these tests have one of their own. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBareDatabase, type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { connectTo, expectWorking, migrate } from './harness.ts';

const ROLES = ['anon', 'authenticated', 'service_role'];

let server: PostgresServer;
let url: string;

beforeAll(async () => {
  server = await startPostgres(18);
  const client = await connectTo(server.url);
  // The template database depends on the roles that starting the server has created.
  await client.query('drop database agensight_template');
  for (const role of ROLES) await client.query(`drop owned by ${role}; drop role ${role}`);
  await client.query(`create role weak login password 'weak'`);
  await client.query(`create role creator login createrole password 'creator'`);
  url = await createBareDatabase(server.url);
  await client.query(`grant create on database ${new URL(url).pathname.slice(1)} to creator`);
});
afterAll(() => server.stop());

function as(user: string): string {
  const other = new URL(url);
  other.username = user;
  other.password = user;
  return other.href;
}

it.each([
  [
    'weak',
    [
      '- The user weak may not create schemas in the database',
      '- The roles anon, authenticated and service_role do not all exist, and the user weak may not create roles.',
    ],
  ],
  [
    'creator',
    [
      '- The role service_role does not exist, and the user creator may not create it with BYPASSRLS.',
    ],
  ],
])('the user %s may not create the roles', async (user, problems) => {
  const run = await migrate(as(user));
  expect(run).toMatchObject({ code: 1, stdout: '' });
  for (const problem of problems) expect(run.stderr).toContain(problem);
  expect(run.stderr.match(/^ {2}- /gm)).toHaveLength(problems.length);
});

it('a superuser creates the roles', async () => {
  const dryRun = await migrate(url, '--dry-run');
  const run = await migrate(url);
  expect(run.code).toBe(0);
  for (const role of ROLES) {
    expect(dryRun.stdout).toContain(`would create the role ${role}\n`);
    expect(run.stdout).toContain(`created the role ${role}\n`);
  }
  await expectWorking(url);
});

it('a role service_role of another application is refused', async () => {
  const other = await createBareDatabase(server.url);
  const client = await connectTo(other);
  await client.query('alter role service_role nobypassrls');
  const run = await migrate(other);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('- The role service_role exists without BYPASSRLS');
});
