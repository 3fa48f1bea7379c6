import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleOf, type FunctionName } from '../../infra/artifacts.ts';

/** What a file and the files that it imports say, each once; not those that it imports only when it needs them. */
function loadedAtOnce(folder: string, file: string, seen = new Map<string, string>()) {
  if (seen.has(file)) return seen;
  const code = readFileSync(join(folder, file), 'utf8');
  seen.set(file, code);
  for (const [, name = ''] of code.matchAll(/(?:\bfrom|\bimport)"\.\/([^"]+)"/g)) {
    loadedAtOnce(folder, name, seen);
  }
  return seen;
}

function sizeOf(files: ReadonlyMap<string, string>): number {
  return [...files.values()].reduce((sum, code) => sum + Buffer.byteLength(code), 0);
}

describe('what a function loads when it starts', () => {
  // Its start takes as long as it is large. A little above what it is: who needs more says so here.
  it.each<[FunctionName, number]>([
    ['ingest', 200_000],
    ['drain', 470_000],
    ['maintain', 470_000],
  ])('%s: no more than %i bytes', (name, most) => {
    const size = sizeOf(loadedAtOnce(bundleOf(name), 'index.mjs'));
    expect(size).toBeGreaterThan(most / 2);
    expect(size).toBeLessThanOrEqual(most);
  });

  it('the clients of AWS, which ingest needs in an outage alone, are in files of their own', () => {
    const folder = bundleOf('ingest');
    const says = (file: string, word: string) =>
      [...loadedAtOnce(folder, file).values()].some((code) => code.includes(word));
    const later = /import\("\.\/(overflow-aws-[^"]+)"\)/.exec(
      readFileSync(join(folder, 'index.mjs'), 'utf8'),
    );
    for (const call of ['PutObject', 'SendMessage']) {
      expect(says('index.mjs', call), `index says ${call}`).toBe(false);
      expect(says(later?.[1] ?? '', call), `the file for later says ${call}`).toBe(true);
    }
  });
});
