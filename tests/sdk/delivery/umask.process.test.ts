import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SDK = JSON.stringify(new URL('../../../sdk/index.ts', import.meta.url).href);

const PROGRAM = `
process.umask(0);
const { init, span, flush } = await import(${SDK});
init(process.argv[1] === 'local'
  ? { mode: 'local', localFile: 'data/agensight/agensight.db' }
  : { mode: 'dev', token: 'agn_' + 'a'.repeat(64), endpoint: 'http://127.0.0.1:9', spool: 'data/spool' });
span('f', () => 1)();
await flush({ timeoutMillis: 200 });
process.exit(0);
`;

it.skipIf(process.platform === 'win32').each(['local', 'spool'])(
  'files of the mode %s are readable by their owner alone, also with a umask of 0',
  (kind) => {
    const cwd = mkdtempSync(join(tmpdir(), 'agensight-umask-'));
    const argv = ['--input-type=module', '-e', PROGRAM, kind];
    execFileSync(process.execPath, argv, { cwd, env: { ...process.env, AGENSIGHT_LOG: 'silent' } });
    const entries = readdirSync(join(cwd, 'data'), { recursive: true, withFileTypes: true });
    const modes = entries.map((entry) => {
      const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
      return `${entry.isDirectory() ? 'folder' : 'file'} ${mode.toString(8)}`;
    });
    expect(modes.length).toBeGreaterThan(1);
    expect(new Set(modes)).toEqual(new Set(['folder 700', 'file 600']));
  },
);
