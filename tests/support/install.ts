/** Installs a folder of packages of its own, which are too large for every contributor to have. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { exclusively } from './exclusively.ts';

/**
 * Runs `npm ci` in a folder where its packages are missing or differ from its lockfile. Their install
 * scripts do not run. It needs the npm registry, as the installation of this project does.
 */
export async function install(folder: URL): Promise<void> {
  await exclusively(new URL('installing.lock', folder), async () => {
    const lock = await readFile(new URL('package-lock.json', folder), 'utf8');
    const installed = new URL('node_modules/.installed-lock.json', folder);
    if ((await readFile(installed, 'utf8').catch(() => '')) === lock) return;
    const args = ['ci', '--ignore-scripts', '--include=optional', '--no-audit', '--no-fund'];
    await promisify(execFile)('npm', args, { cwd: folder });
    // Written last, so that a broken or older installation is not taken for a good one. What npm itself
    // leaves lacks optional peers, which its lockfile does not tell from other packages.
    await writeFile(installed, lock);
  });
}
