import { expect, inject, it } from 'vitest';
import { generateSchemas, readSchemas, SCHEMAS_FOLDER } from '../support/declarative-schema.ts';
import { createDatabase } from '../support/postgres.ts';

it('supabase/schemas is the state after the migrations (else: npm run types)', async () => {
  const newest = inject('postgresServers').at(-1);
  const generated = await generateSchemas(await createDatabase(newest?.url ?? ''));
  expect(await readSchemas(SCHEMAS_FOLDER)).toEqual(await readSchemas(generated));
});
