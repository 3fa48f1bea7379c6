import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

const NAME = 'local.env';

/** The environment variables with which a program connects to the local stack. */
export interface LocalEnv {
  AGENSIGHT_ENDPOINT: string;
  AGENSIGHT_TOKEN: string;
  SUPABASE_URL: string;
  SUPABASE_PUBLISHABLE_KEY: string;
  SUPABASE_SECRET_KEY: string;
  /** Only with a Postgres server; the embedded database accepts no connections. */
  DATABASE_URL?: string;
}

/** The values of the previous run, whose token and keys are reused; empty on the first run. */
export async function readLocalEnv(folder: string): Promise<Partial<LocalEnv>> {
  try {
    return parseEnv(await readFile(join(folder, NAME), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/**
 * Writes `local.env`, readable only by its owner because it contains secrets.
 *
 * @returns the path of the file
 */
export async function writeLocalEnv(folder: string, values: LocalEnv): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, NAME);
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(path, lines.join(''), { mode: 0o600 });
  return path;
}
