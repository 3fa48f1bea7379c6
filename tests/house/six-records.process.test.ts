import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { RECORD_KINDS } from '../../wire/protocol.ts';
import { RECORDS } from '../../wire/records.ts';

/** Folders that name kinds of records; infra names none. */
const FOLDERS = ['wire', 'sdk', 'lambda', 'cli', 'local'];

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the six records', () => {
  it('are written in the order of their kinds', () => {
    expect(Object.keys(RECORDS)).toEqual([...RECORD_KINDS]);
  });

  describe('break the build wherever they are named', () => {
    let copy: string;

    beforeAll(async () => {
      copy = await mkdtemp(join(tmpdir(), 'agensight-kinds-'));
      for (const folder of FOLDERS) {
        await cp(join(ROOT, folder), join(copy, folder), { recursive: true });
      }
      await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
      const config = JSON.parse(await readFile(join(ROOT, 'tsconfig.json'), 'utf8'));
      await writeFile(join(copy, 'tsconfig.json'), JSON.stringify({ ...config, include: FOLDERS }));
      await writeFile(join(copy, 'package.json'), '{"type":"module"}');
    });

    it('not while all are there', () => {
      expect(compile(copy)).toBe('');
    });

    it.each([
      // The commands treat all kinds alike, but for those that a trace is selected by.
      { kind: 'tool', folders: FOLDERS.filter((folder) => folder !== 'cli') },
      { kind: 'span', folders: FOLDERS },
    ])('when $kind is taken away', async ({ kind, folders }) => {
      const protocol = join(copy, 'wire/protocol.ts');
      const records = join(copy, 'wire/records.ts');
      const before = [await readFile(protocol, 'utf8'), await readFile(records, 'utf8')] as const;
      try {
        await writeFile(
          protocol,
          without(before[0], new RegExp(`(?<=RECORD_KINDS = .*), '${kind}'`)),
        );
        await writeFile(
          records,
          without(before[1], new RegExp(` {2}${kind}: \\{\\n.*?\\n {2}\\},\\n`, 's')),
        );
        const errors = compile(copy);
        for (const folder of folders) expect(errors).toMatch(new RegExp(`^${folder}/`, 'm'));
      } finally {
        await writeFile(protocol, before[0]);
        await writeFile(records, before[1]);
      }
    });
  });
});

/** The text without the one place that the pattern matches. */
function without(text: string, pattern: RegExp): string {
  expect(text).toMatch(pattern);
  return text.replace(pattern, '');
}

function compile(folder: string): string {
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  return spawnSync(tsc, ['-p', '.', '--pretty', 'false'], { cwd: folder, encoding: 'utf8' }).stdout;
}
