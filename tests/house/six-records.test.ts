import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { RECORD_KINDS } from '../../wire/protocol.ts';
import { RECORDS } from '../../wire/records.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the six records', () => {
  it('are written in the order of their kinds', () => {
    expect(Object.keys(RECORDS)).toEqual([...RECORD_KINDS]);
  });

  it('stop compilation wherever a kind is named when it is taken away', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'agensight-kinds-'));
    for (const folder of ['wire', 'sdk', 'lambda', 'local']) {
      await cp(join(ROOT, folder), join(copy, folder), { recursive: true });
    }
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const config = JSON.parse(await readFile(join(ROOT, 'tsconfig.json'), 'utf8'));
    await writeFile(
      join(copy, 'tsconfig.json'),
      JSON.stringify({ ...config, include: ['wire', 'sdk', 'lambda', 'local'] }),
    );
    await writeFile(join(copy, 'package.json'), '{"type":"module"}');
    expect(compile(copy)).toBe('');

    const protocol = join(copy, 'wire/protocol.ts');
    await writeFile(
      protocol,
      (await readFile(protocol, 'utf8')).replace(", 'tool'] as const", '] as const'),
    );
    const records = join(copy, 'wire/records.ts');
    await writeFile(
      records,
      (await readFile(records, 'utf8')).replace(/ {2}tool: \{\n.*?\n {2}\},\n/s, ''),
    );

    const errors = compile(copy);
    expect(errors).toMatch(/^wire\/records\.ts/m);
    expect(errors).toMatch(/^wire\/genai\//m);
    expect(errors).toMatch(/^sdk\//m);
    expect(errors).toMatch(/^local\//m);
  });
});

function compile(folder: string): string {
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  return spawnSync(tsc, ['-p', '.', '--pretty', 'false'], { cwd: folder, encoding: 'utf8' }).stdout;
}
