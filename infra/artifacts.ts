import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The functions that the package contains as bundles. */
export type FunctionName = 'ingest' | 'drain' | 'maintain';

/** The folder `dist`: this file runs from `dist/cdk` in the package, and from `infra` in a checkout. */
const DIST = [join(import.meta.dirname, '..'), join(import.meta.dirname, '../dist')].find(
  (folder) => existsSync(join(folder, 'lambda/ingest/index.mjs')),
);

/**
 * The folder with the bundle of a function.
 *
 * @throws Error in a checkout without a build
 */
export function bundleOf(name: FunctionName): string {
  if (DIST === undefined) throw new Error('The functions are not built. Run: npm run build');
  return join(DIST, 'lambda', name);
}

/** The version of this package, which the health route of a deployment reports. */
export function packageVersion(): string {
  const file = join(DIST ?? join(import.meta.dirname, '../dist'), '..', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
