import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

const NAME = 'local.env';

/** What a program needs to connect to the local stack, by the names that programs read. */
export interface LocalEnv {
  AGENSIGHT_ENDPOINT: string;
  AGENSIGHT_TOKEN: string;
  SUPABASE_URL: string;
  SUPABASE_PUBLISHABLE_KEY: string;
  SUPABASE_SECRET_KEY: string;
  /** Only where there is a Postgres that a client can reach. */
  DATABASE_URL?: string;
}

/** What the last run wrote, so that token and keys stay the same; empty when there was none. */
export async function readLocalEnv(folder: string): Promise<Partial<LocalEnv>> {
  try {
    return parseEnv(await readFile(join(folder, NAME), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/**
 * Writes `local.env`, readable by its owner alone since it holds secrets.
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
