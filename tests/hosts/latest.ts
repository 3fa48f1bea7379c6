import { execFile } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LATEST, packageSets, readSet } from './package-sets.ts';

/**
 * Installs the newest release of each package of the first set into a folder beside it.
 *
 * @returns what is newer than the tests have, as `openai 7.59.0 → 7.60.0`
 */
export async function prepareLatest(): Promise<string[]> {
  const [newest] = packageSets();
  if (!newest) throw new Error('There is no set of packages.');
  await rm(LATEST, { recursive: true, force: true });
  await mkdir(LATEST, { recursive: true });
  await cp(join(newest.folder, '.npmrc'), join(LATEST, '.npmrc'));
  await writeFile(join(LATEST, 'package.json'), '{ "private": true, "type": "module" }\n');
  const wanted = Object.keys(newest.versions).map((name) => `${name}@latest`);
  await promisify(execFile)(
    'npm',
    ['install', '--save-exact', '--ignore-scripts', '--no-audit', '--no-fund', ...wanted],
    { cwd: LATEST },
  );
  const { versions } = readSet('newest', LATEST);
  return Object.entries(newest.versions)
    .filter(([name, version]) => versions[name] !== version)
    .map(([name, version]) => `${name} ${version} → ${versions[name]}`);
}
