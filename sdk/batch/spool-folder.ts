/**
 * Who writes in a folder of the spool. Each process has a folder of its own below that of its token;
 * what the dead have left behind goes to whoever starts next.
 */
import { uuidV7 } from '../platform/ids.ts';
import { builtin } from '../platform/platform.ts';

/** The folder of a process that ended in order: nobody writes there any more. */
const CLOSED = 'closed';

/** On another host nobody can be asked; who has not written for so long is taken for dead. */
const STALE_MILLIS = 900_000;

/** Folder of all spools for one token: nothing must ever leave with another's. */
export function sharedFolder(folder: string, token: string): string {
  const key = digest(token, 16) ?? 'spool';
  return builtin('node:path')?.resolve(folder, key) ?? `${folder}/${key}`;
}

/** The first hex digits of a text's SHA-256. */
const digest = (text: string, digits: number): string | undefined =>
  builtin('node:crypto')?.createHash('sha256').update(text).digest('hex').slice(0, digits);

/** Name for the folder of this process: `<pid>.<start>.<host>.<unique>`. */
export function ownName(): string {
  const { pid } = process;
  return [pid, startOf(pid), hostHash(), uuidV7(Date.now())].join('.');
}

/** The name that a folder gets when its owner ends in order. */
export const closedName = (name: string): string => `${CLOSED}.${name}`;

/** Whether nobody writes in a folder any more. */
export function isAbandoned(name: string, touchedMillis: number): boolean {
  const [pidText = '', start, host] = name.split('.');
  if (pidText === CLOSED) return true;
  if (host !== hostHash()) return Date.now() - touchedMillis > STALE_MILLIS;
  const pid = Number(pidText);
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: unknown }).code === 'ESRCH';
  }
  // Alive, but perhaps another process with the number of the dead one.
  return startOf(pid) !== start;
}

/** When a process started, in ticks since the machine did; `0` where nobody tells. */
function startOf(pid: number): string {
  try {
    const stat = builtin('node:fs')?.readFileSync(`/proc/${pid}/stat`, 'latin1') ?? '';
    // The name of the program stands in parentheses and may hold anything; start is field 22.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return '0';
  }
}

let host: string | undefined;

function hostHash(): string {
  host ??= digest(builtin('node:os')?.hostname() ?? '', 8) ?? '0';
  return host;
}
