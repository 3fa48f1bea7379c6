/** What one odd value costs the program that passes it, returns it or throws it: the worst of the three. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Figure } from './measure.ts';
import type { Odd } from './odd-values-process.ts';

/** The engine lists all keys of an object at once, so their number decides the cost. */
const FLOOR = 'an object of a million keys';

export async function oddValues(): Promise<Figure[]> {
  const child = fork(fileURLToPath(new URL('./odd-values-process.ts', import.meta.url)), {
    execArgv: ['--max-old-space-size=4096'],
  });
  const [results] = (await once(child, 'message')) as [Odd[]];
  child.kill('SIGKILL');
  return results.map(({ name, millis, stringifyMillis }) => ({
    figure: `${name} (ratio to JSON.stringify or JSON.parse)`,
    ours: `${millis.toFixed(0)} ms`,
    ratio: (millis / stringifyMillis).toFixed(2),
    target: name === FLOOR ? 'listing its keys' : '≤ 50 ms',
  }));
}
