/** A circuit breaker around the store: while the database is unavailable, calls fail at once. */
import type { Retryable, Store } from './store.ts';

/** The first open period after a failure; each consecutive failure doubles it. */
export const FIRST_PAUSE_MILLIS = 1_000;
/** The longest open period: how late an instance may notice that the database is back. */
export const LONGEST_PAUSE_MILLIS = 20_000;
/** Timeout of the trial call in the half-open state, for whose answer a client waits. */
export const HALF_OPEN_MILLIS = 3_000;

/**
 * Closed: calls pass. Open, after a call that found the database unavailable: calls fail at once.
 * Half-open, after the pause: one trial call passes and the others still fail. Pauses vary by half,
 * so that many instances do not retry at the same moment.
 */
export function withCircuitBreaker<S extends Store>(
  store: S,
  now: () => number,
  random: () => number = Math.random,
): S {
  let failures = 0;
  let openUntilMillis = 0;
  let isHalfOpen = false;

  async function guard<T extends object>(call: () => Promise<T>): Promise<T | Retryable> {
    const leftMillis = openUntilMillis - now();
    if (failures > 0 && (isHalfOpen || leftMillis > 0)) {
      const afterSeconds = Math.max(1, Math.ceil(leftMillis / 1000));
      return unavailableResult(afterSeconds, 'the circuit breaker is open');
    }
    isHalfOpen = failures > 0;
    try {
      const result = await (isHalfOpen ? withTimeout(call()) : call());
      if ('isUnavailable' in result && result.isUnavailable) {
        failures++;
        const longest = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * 2 ** (failures - 1));
        openUntilMillis = now() + longest * (1 - random() / 2);
      } else {
        failures = 0;
      }
      return result;
    } finally {
      isHalfOpen = false;
    }
  }

  return {
    ...store,
    authenticate: (tokenHash) => guard(() => store.authenticate(tokenHash)),
    ingest: (tokenHash, batch) => guard(() => store.ingest(tokenHash, batch)),
    ingestBySpan: (tokenHash, batch) => guard(() => store.ingestBySpan(tokenHash, batch)),
  };
}

/**
 * The result of the trial call, or unavailable after the timeout. The database may still carry out
 * the call; the batch is then stored twice, and the repeat changes nothing.
 */
async function withTimeout<T>(call: Promise<T>): Promise<T | Retryable> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Retryable>((resolve) => {
    const result = unavailableResult(5, 'no answer from the database in time');
    timer = setTimeout(resolve, HALF_OPEN_MILLIS, result);
  });
  try {
    return await Promise.race([call, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function unavailableResult(afterSeconds: number, reason: string): Retryable {
  return { status: 'retry', afterSeconds, reason, isUnavailable: true };
}
