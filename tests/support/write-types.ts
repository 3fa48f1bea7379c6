/** `npm run types`: writes the generated types, supabase/schemas and docs/schema.md from a database with all migrations. */
import { writeFile } from 'node:fs/promises';
import { Database } from './database.ts';
import { databaseTypes } from './database-types.ts';
import { writeSchemas } from './declarative-schema.ts';
import { createDatabase, startPostgres } from './postgres.ts';
import { schemaDocs } from './schema-docs.ts';

const TYPES = new URL('../../supabase/database.types.ts', import.meta.url);
const DOCS = new URL('../../docs/schema.md', import.meta.url);

const server = await startPostgres(18);
try {
  const url = await createDatabase(server.url);
  const database = await Database.open(url);
  await writeFile(TYPES, await databaseTypes(url));
  await writeSchemas(url);
  await writeFile(DOCS, await schemaDocs(database));
  await database.close();
} finally {
  await server.stop();
}
