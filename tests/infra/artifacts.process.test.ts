import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleOf, type FunctionName } from '../../infra/artifacts.ts';

/** The code of a file and of its static imports, recursively, without dynamic imports. */
function staticImports(folder: string, file: string, seen = new Map<string, string>()) {
  if (seen.has(file)) return seen;
  const code = readFileSync(join(folder, file), 'utf8');
  seen.set(file, code);
  for (const [, name = ''] of code.matchAll(/(?:\bfrom|\bimport)"\.\/([^"]+)"/g)) {
    staticImports(folder, name, seen);
  }
  return seen;
}

function sizeOf(files: ReadonlyMap<string, string>): number {
  return [...files.values()].reduce((sum, code) => sum + Buffer.byteLength(code), 0);
}

describe('the code that a function loads at its cold start', () => {
  // The duration of a cold start grows with the code. The bounds are a little above the present size.
  it.each<[FunctionName, number]>([
    // About 25 kB of ingest are zod/mini, which checks settings, secret and answers of the database.
    ['ingest', 183_000],
    ['drain', 480_000],
    ['maintain', 480_000],
  ])('%s: at most %i bytes', (name, maximum) => {
    const size = sizeOf(staticImports(bundleOf(name), 'index.mjs'));
    expect(size).toBeGreaterThan(maximum / 2);
    expect(size).toBeLessThanOrEqual(maximum);
  });

  it('does not include the AWS clients for ingest, which needs them only during an outage', () => {
    const folder = bundleOf('ingest');
    const includes = (file: string, word: string) =>
      [...staticImports(folder, file).values()].some((code) => code.includes(word));
    const dynamic = /import\("\.\/(overflow-aws-[^"]+)"\)/.exec(
      readFileSync(join(folder, 'index.mjs'), 'utf8'),
    );
    for (const call of ['PutObject', 'SendMessage']) {
      expect(includes('index.mjs', call), `index.mjs includes ${call}`).toBe(false);
      expect(includes(dynamic?.[1] ?? '', call), `the dynamic import includes ${call}`).toBe(true);
    }
  });
});
