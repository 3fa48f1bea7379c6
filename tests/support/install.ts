/** Installs a folder of packages of its own, which are too large for every contributor to have. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { exclusively } from './exclusively.ts';

/**
 * Runs `npm ci` in a folder where its packages are missing or differ from its lockfile. Their install
 * scripts do not run. It needs the npm registry, as the installation of this project does.
 */
export async function install(folder: URL): Promise<void> {
  await exclusively(new URL('installing.lock', folder), async () => {
    if (await isUpToDate(folder)) return;
    const args = ['ci', '--ignore-scripts', '--include=optional', '--no-audit', '--no-fund'];
    await promisify(execFile)('npm', args, { cwd: folder });
  });
}

async function isUpToDate(folder: URL): Promise<boolean> {
  const wanted = await packagesIn(new URL('package-lock.json', folder));
  // What `npm ci` leaves, so that a broken or older installation is not taken for a good one.
  const installed = await packagesIn(new URL('node_modules/.package-lock.json', folder)).catch(
    (): Record<string, Package> => ({}),
  );
  return Object.entries(wanted)
    .filter(([path, entry]) => path !== '' && isNeeded(entry))
    .every(([path, { version }]) => installed[path]?.version === version);
}

/** Whether a package is installed on every machine, or on machines such as this one. */
const isNeeded = ({ optional, os, cpu, libc }: Package): boolean =>
  !optional ||
  (!!os?.includes(process.platform) && !!cpu?.includes(process.arch) && !libc?.includes('musl'));

interface Package {
  readonly version?: string;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

async function packagesIn(lockfile: URL): Promise<Record<string, Package>> {
  const { packages } = JSON.parse(await readFile(lockfile, 'utf8')) as {
    packages: Record<string, Package>;
  };
  return packages;
}
