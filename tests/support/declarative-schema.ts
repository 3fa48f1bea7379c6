import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DATABASE_SCHEMA } from '../../wire/protocol.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SUPABASE = join(ROOT, 'node_modules/.bin/supabase');

/** Where the generated present state of the schemas is committed. */
export const SCHEMAS_FOLDER = join(ROOT, 'supabase/schemas');

/** The schemas that the migrations make. */
const SCHEMAS = [DATABASE_SCHEMA, `${DATABASE_SCHEMA}_private`];

/** Writes one file per object of our schemas into a new folder, with the Supabase CLI; its path. */
export async function generateSchemas(databaseUrl: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agensight-schemas-'));
  await promisify(execFile)(
    SUPABASE,
    [
      ...['db', 'schema', 'declarative', 'generate', '--overwrite', '--yes'],
      `--remote=${databaseUrl}?sslmode=disable`,
      `--schema=${SCHEMAS.join(',')}`,
      `--output-dir=${folder}`,
    ],
    { cwd: ROOT, env: { ...process.env, DO_NOT_TRACK: '1', SUPABASE_TELEMETRY_DISABLED: '1' } },
  );
  return folder;
}

/** Replaces the committed files of our schemas. */
export async function writeSchemas(databaseUrl: string): Promise<void> {
  const folder = await generateSchemas(databaseUrl);
  for (const schema of SCHEMAS) {
    await rm(join(SCHEMAS_FOLDER, schema), { recursive: true, force: true });
    await cp(join(folder, schema), join(SCHEMAS_FOLDER, schema), { recursive: true });
  }
}

/** The files of our schemas below a folder, each with its text. */
export async function readSchemas(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const schema of SCHEMAS) {
    const entries = await readdir(join(folder, schema), { recursive: true });
    for (const name of entries.filter((entry) => entry.endsWith('.sql')).sort()) {
      const path = `${schema}/${name.replaceAll('\\', '/')}`;
      files[path] = await readFile(join(folder, schema, name), 'utf8');
    }
  }
  return files;
}
