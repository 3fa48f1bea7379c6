/** Delivers what some runtimes hold, by a deadline. */
import { MAX_TIMER_MILLIS } from '../platform/platform.ts';
import type { Runtime } from './runtime.ts';

const DEFAULT_FLUSH_TIMEOUT_MILLIS = 10_000;

export async function flushAll(some: readonly Runtime[], timeoutMillis: unknown): Promise<void> {
  const timeout =
    typeof timeoutMillis === 'number' && timeoutMillis >= 0
      ? Math.min(timeoutMillis, MAX_TIMER_MILLIS)
      : DEFAULT_FLUSH_TIMEOUT_MILLIS;
  await Promise.all(some.map(({ delivery }) => delivery.flush(timeout)));
}
