/**
 * `npm run types`: writes the generated types, supabase/schemas and docs/schema.md from a database with
 * all migrations, docs/openapi.json from the schemas of the ingest function, docs/errors.md and docs/masking.md.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { Database } from './database.ts';
import { databaseTypes } from './database-types.ts';
import { writeSchemas } from './declarative-schema.ts';
import { errorDocs } from './error-docs.ts';
import { maskingDocs } from './masking-docs.ts';
import { openApiDocument } from './openapi.ts';
import { createDatabase, startPostgres } from './postgres.ts';
import { schemaDocs } from './schema-docs.ts';

const ROOT = new URL('../../', import.meta.url);
const TYPES = new URL('supabase/database.types.ts', ROOT);
const DOCS = new URL('docs/', ROOT);

const { version } = JSON.parse(await readFile(new URL('package.json', ROOT), 'utf8'));
const openApi = JSON.stringify(openApiDocument(version), null, 2);
await writeFile(new URL('openapi.json', DOCS), `${openApi}\n`);
await writeFile(new URL('errors.md', DOCS), errorDocs());
await writeFile(new URL('masking.md', DOCS), maskingDocs());

const server = await startPostgres(18);
try {
  const url = await createDatabase(server.url);
  const database = await Database.open(url);
  await writeFile(TYPES, await databaseTypes(url));
  await writeSchemas(url);
  await writeFile(new URL('schema.md', DOCS), await schemaDocs(database));
  await database.close();
} finally {
  await server.stop();
}
