/** The sets of packages that programs run on: folders of `packages/`, each with its lock. */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { install } from '../support/install.ts';
import { type Program, USUAL_SETS } from './program.ts';

const FOLDER = join(import.meta.dirname, 'packages');
/** Where `--newest` installs what is newer than the first set. */
export const LATEST: string = join(FOLDER, 'node_modules/.latest');

export interface PackageSet {
  readonly name: string;
  readonly folder: string;
  readonly description: string;
  /** Exact versions by package. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The sets, the newest first. */
export function packageSets(): PackageSet[] {
  const names = readdirSync(FOLDER).filter((name) => name !== 'node_modules');
  const sets = names.map((name) => readSet(name, join(FOLDER, name)));
  return sets.sort((a, b) => count(b) - count(a));
}

const count = ({ versions }: PackageSet): number => Object.keys(versions).length;

export function readSet(name: string, folder: string): PackageSet {
  const { description = '', dependencies } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  return { name, folder, description, versions: dependencies };
}

/** Installs a set where it is missing, and returns the module that loads its packages. */
export async function installSet({ folder }: Pick<PackageSet, 'folder'>): Promise<string> {
  await install(pathToFileURL(`${folder}/`));
  const loader = join(folder, 'node_modules/.load.mjs');
  const text = 'export const load = (specifier) => import(specifier);\n';
  const before = await readFile(loader, 'utf8').catch(() => '');
  if (before !== text) await writeFile(loader, text);
  return pathToFileURL(loader).href;
}

/** `@scope/name/path` and `name/path` without their path. */
export const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Whether a program runs on a set. */
export function runsOn({ packages = [], sets = USUAL_SETS }: Program, set: PackageSet): boolean {
  if (packages.length === 0) return set.name === 'newest';
  return (
    sets.includes(set.name) && packages.every((specifier) => packageOf(specifier) in set.versions)
  );
}
