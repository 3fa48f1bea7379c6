import { expect, it } from 'vitest';
import { preflight } from '../../../cli/migrate/preflight.ts';

/** What a suitable database with Supabase reports. */
const FACTS = {
  version: 15,
  version_text: '15.8',
  encoding: 'UTF8',
  is_read_only: false,
  user: 'postgres',
  database: 'app',
  may_create: true,
  may_create_roles: false,
  may_bypass: false,
  service_role_bypasses: true,
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
    ['The user app may not reference the table auth.users.'],
  ],
])('%s', async (_, facts, problems) => {
  const result = await preflight(async () => [{ facts: { ...FACTS, ...facts } }], []);
  expect(result).toEqual({ problems, missing: [] });
});
