/**
 * The folders of the spool. Each process writes to its own folder below the folder of its token. The
 * segments of a process that no longer runs are recovered by the next process that starts.
 */
import { uuidV7 } from '../platform/ids.ts';
import { builtin } from '../platform/platform.ts';

/** Prefix of the folder of a process that exited normally. */
const CLOSED = 'closed';

/** A process on another host, whose pid cannot be checked, is taken for dead after this silence. */
const STALE_MILLIS = 900_000;

/** The folder of all spools of one token: records must never be sent with another token. */
export function sharedFolder(folder: string, token: string): string {
  const key = digest(token, 16) ?? 'spool';
  return builtin('node:path')?.resolve(folder, key) ?? `${folder}/${key}`;
}

/** The first hex digits of the SHA-256 of a text. */
const digest = (text: string, digits: number): string | undefined =>
  builtin('node:crypto')?.createHash('sha256').update(text).digest('hex').slice(0, digits);

/** The name of this process's folder: `<pid>.<start>.<host>.<unique>`. */
export function ownName(): string {
  const { pid } = process;
  return [pid, startOf(pid), hostHash(), uuidV7(Date.now())].join('.');
}

/** The name that a folder gets when its process exits normally. */
export const closedName = (name: string): string => `${CLOSED}.${name}`;

/** Whether the process that wrote to a folder no longer runs. */
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
  // The pid may have been reused by another process.
  return startOf(pid) !== start;
}

/** The start time of a process in ticks since boot; `0` on platforms without `/proc`. */
function startOf(pid: number): string {
  try {
    const stat = builtin('node:fs')?.readFileSync(`/proc/${pid}/stat`, 'latin1') ?? '';
    // The program name is in parentheses and may hold any character; the start time is field 22.
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
