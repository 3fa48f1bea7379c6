import { chmodSync, existsSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepPrivate } from '../../../sdk/delivery/private-file.ts';
import { createSqliteExporter } from '../../../sdk/delivery/sqlite-exporter.ts';

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const EMPTY = { id: '01890a5d-ac96-774b-bcce-b302099a8057', lists: new Map() };

describe.skipIf(process.platform === 'win32')('the file of the mode local', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'agensight-private-'));
  });

  it('is readable by its owner alone, with its folder and the files of SQLite beside it', async () => {
    const file = join(folder, '.agensight', 'agensight.db');
    const warnings: string[] = [];
    const write = createSqliteExporter(file, (_, text) => warnings.push(text));
    await write(EMPTY as never, new AbortController().signal);
    const names = readdirSync(join(folder, '.agensight'));
    expect(names).toEqual(expect.arrayContaining(['agensight.db', 'agensight.db-wal']));
    for (const name of names) expect(modeOf(join(folder, '.agensight', name))).toBe('600');
    expect(modeOf(join(folder, '.agensight'))).toBe('700');
    expect(warnings.filter((text) => text.includes('others'))).toEqual([]);
  });

  it('is narrowed if others could read it, and keeps its content', () => {
    const file = join(folder, 'a.db');
    for (const name of [file, `${file}-wal`]) {
      writeFileSync(name, 'x');
      chmodSync(name, 0o644);
    }
    keepPrivate(file, () => expect.fail('no warning'));
    expect([modeOf(file), modeOf(`${file}-wal`), statSync(file).size]).toEqual(['600', '600', 1]);
    expect(existsSync(`${file}-shm`)).toBe(false);
  });

  it('leaves a folder that exists as it is', () => {
    chmodSync(folder, 0o755);
    keepPrivate(join(folder, 'a.db'), () => expect.fail('no warning'));
    expect(modeOf(folder)).toBe('755');
  });

  afterEach(() => chmodSync(folder, 0o700));
});
