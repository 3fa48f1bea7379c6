import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The functions that the package brings as bundles. */
export type FunctionName = 'ingest' | 'drain' | 'maintain';

/** The built package: this file runs from `dist/cdk` in it, and from `infra` in a checkout. */
const DIST = [join(import.meta.dirname, '..'), join(import.meta.dirname, '../dist')].find(
  (folder) => existsSync(join(folder, 'lambda/ingest/index.mjs')),
);

/**
 * The folder with the bundle of a function.
 *
 * @throws Error in a checkout that was not built
 */
export function bundleOf(name: FunctionName): string {
  if (DIST === undefined) throw new Error('The functions are not built. First: npm run build');
  return join(DIST, 'lambda', name);
}

/** The version of this package, which the health check of a deployment shows. */
export function packageVersion(): string {
  const file = join(DIST ?? join(import.meta.dirname, '../dist'), '..', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
