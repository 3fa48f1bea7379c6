import { open, readFile, rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MILLIS = 200;

/**
 * Does a piece of work while no other process does it: test files run side by side. The lock is a file with
 * the id of its holder; that of a process which is gone is taken over.
 */
export async function exclusively<T>(lock: URL, work: () => Promise<T>): Promise<T> {
  while (!(await take(lock))) await pause(POLL_MILLIS);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: URL): Promise<boolean> {
  try {
    const file = await open(lock, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch {
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
    // Not written yet, or gone by now: looked at again.
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
