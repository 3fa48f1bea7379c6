/** Files that only the user of the process can read. */
import { builtin } from '../platform/platform.ts';
import { attempt } from '../platform/values.ts';
import type { Warn } from '../report/warnings.ts';

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/**
 * Creates a file and its folder for their owner alone, whatever the umask is. A file that others can
 * read is narrowed, with those that SQLite keeps beside it; a folder that exists is left as it is.
 * Does nothing where there is no file system.
 */
export function keepPrivate(file: string, warn: Warn): void {
  const fs = builtin('node:fs');
  const path = builtin('node:path');
  if (!(fs && path) || file.startsWith(':') || file.startsWith('file:')) return;
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives the mode of the database to the files that it creates beside it.
  attempt(() => fs.closeSync(fs.openSync(file, 'ax', OWNER_ONLY)));
  for (const name of [file, `${file}-wal`, `${file}-shm`]) {
    const mode = attempt(() => fs.statSync(name).mode) ?? 0;
    if ((mode & OTHERS) === 0 || process.platform === 'win32') continue;
    try {
      fs.chmodSync(name, OWNER_ONLY);
    } catch {
      warn('local', `others can read ${name}, and it belongs to another user`);
    }
  }
}
