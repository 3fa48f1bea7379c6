import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual, promisify } from 'node:util';
import { exclusively } from '../support/exclusively.ts';

const FOLDER = new URL('./', import.meta.url);

/** What `npm ci` leaves, so that a broken or older installation is not taken for a good one. */
const INSTALLED = new URL('node_modules/.package-lock.json', FOLDER);

/**
 * Installs the clients where they are missing or differ from the lockfile. Their install scripts do
 * not run. It needs the npm registry, as the installation of this project does.
 */
export async function installClients(): Promise<void> {
  await exclusively(new URL('installing.lock', FOLDER), async () => {
    if (await isUpToDate()) return;
    await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: FOLDER,
    });
  });
}

async function isUpToDate(): Promise<boolean> {
  const [wanted, installed] = await Promise.all([
    versionsIn(new URL('package-lock.json', FOLDER)),
    versionsIn(INSTALLED).catch(() => null),
  ]);
  return isDeepStrictEqual(wanted, installed);
}

/** Path and version of each package; those for other platforms are never installed. */
async function versionsIn(lockfile: URL): Promise<Record<string, string>> {
  const { packages } = JSON.parse(await readFile(lockfile, 'utf8')) as {
    packages: Record<string, { version?: string; optional?: boolean }>;
  };
  return Object.fromEntries(
    Object.entries(packages)
      .filter(([path, entry]) => path !== '' && !entry.optional)
      .map(([path, { version = '' }]) => [path, version]),
  );
}
