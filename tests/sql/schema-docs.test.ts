import { readFile } from 'node:fs/promises';
import { expect, inject, it } from 'vitest';
import { Database } from '../support/database.ts';
import { createDatabase } from '../support/postgres.ts';
import { schemaDocs } from '../support/schema-docs.ts';

const COMMITTED = new URL('../../docs/schema.md', import.meta.url);

it('docs/schema.md matches the catalogue (else: npm run types)', async () => {
  const newest = inject('postgresServers').at(-1);
  const database = await Database.open(await createDatabase(newest?.url ?? ''));
  const docs = await schemaDocs(database);
  await database.close();
  expect(await readFile(COMMITTED, 'utf8')).toBe(docs);
  expect(docs).toContain('erDiagram');
  expect(docs).not.toMatch(/\bundefined\b|: null$/m);
});
