import { expect, it } from 'vitest';
import { readMigrations } from '../../../cli/migrate/files.ts';
import { preflight } from '../../../cli/migrate/preflight.ts';

/** What a suitable database with Supabase reports. */
const FACTS = {
  version: 15,
  version_text: '15.8',
  encoding: 'UTF8',
  is_read_only: false,
  is_replica: false,
  user: 'postgres',
  database: 'app',
  may_create: true,
  may_create_roles: false,
  may_bypass: false,
  service_role_bypasses: true,
  bypassing: [],
  may_use_auth: true,
  has_users: true,
  may_reference_users: true,
  has_uid: true,
  platform: [true, true, true, true],
  collisions: [],
};

/** Reports that the real servers of the test suite cannot give; the others are in the database tests. */
it.each<[string, Partial<typeof FACTS>, string[]]>([
  ['a suitable database', {}, []],
  [
    'a server that is too old',
    { version: 14, version_text: '14.19' },
    ['Postgres 14.19 is too old: version 15 is required.'],
  ],
  [
    'a user who may not reference auth.users',
    { user: 'app', may_reference_users: false },
    ['The user app may not read and reference the table auth.users.'],
  ],
  [
    'a user who may not use the schema auth',
    { user: 'app', may_use_auth: false },
    ['The user app may not use the schema auth.'],
  ],
  [
    'a replica',
    { is_read_only: true, is_replica: true },
    ['The connection is read-only, because the server is a replica: use the primary server.'],
  ],
])('%s', async (_, facts, problems) => {
  const result = await preflight(async () => [{ facts: { ...FACTS, ...facts } }], []);
  expect(result).toEqual({ problems, missing: [] });
});

/** Schemas and roles of Supabase, which a later migration could begin to use. */
const PLATFORM_OBJECT =
  /\b(auth|cron|extensions|graphql|graphql_public|net|pgbouncer|pgmq|public|realtime|storage|supabase_functions|supabase_migrations|vault)\.(?!ts\b|md\b)([a-z_]+)|^\s*(create (?:extension|publication|event trigger|role|server)|alter (?:role|database|publication|default privileges)) [^;]*/gim;

/** Checked in preflight.ts (auth) and foreign.ts (realtime); a new one needs a check there. */
it('migrations use no object of the platform that is not checked', async () => {
  const used = new Set(
    (await readMigrations()).flatMap(({ sql }) => {
      const code = sql.replaceAll(/--.*$/gm, '');
      return [...code.matchAll(PLATFORM_OBJECT)].map(([text]) => text.trim());
    }),
  );
  expect([...used].sort()).toEqual([
    'auth.uid',
    'auth.users',
    'realtime.messages',
    'realtime.send',
    'realtime.topic',
  ]);
});
