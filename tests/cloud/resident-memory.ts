import { readFile } from 'node:fs/promises';

/** Resident memory of the largest of these processes, in MiB; read from /proc, so on Linux only. */
export async function residentMib(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
    }),
  );
  return Math.round(Math.max(0, ...sizes));
}
