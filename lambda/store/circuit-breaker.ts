/** Keeps an instance from waiting, request after request, for a database that is away. */
import type { Later, Store } from './store.ts';

/** The first pause after a failure, doubled by each that follows without a success between. */
export const FIRST_PAUSE_MILLIS = 1_000;
/** The longest pause: how late an instance may notice that the database is back. */
export const LONGEST_PAUSE_MILLIS = 20_000;
/** How long the call that goes through to see may take: somebody waits for its answer. */
export const TRY_MILLIS = 3_000;

/**
 * A store that answers at once, without asking, while the last answer says that the database is away.
 * After a pause one call goes through to see; meanwhile the others are still spared. The pauses vary
 * by half, so that many instances do not knock together.
 */
export function withBreaker<S extends Store>(
  store: S,
  now: () => number,
  random: () => number = Math.random,
): S {
  let failures = 0;
  let closedUntilMillis = 0;
  let isTrying = false;

  async function guard<T extends object>(call: () => Promise<T>): Promise<T | Later> {
    const leftMillis = closedUntilMillis - now();
    if (failures > 0 && (isTrying || leftMillis > 0)) {
      const afterSeconds = Math.max(1, Math.ceil(leftMillis / 1000));
      return {
        status: 'retry',
        afterSeconds,
        reason: 'the database was away just now',
        isAway: true,
      };
    }
    isTrying = failures > 0;
    try {
      const result = await (isTrying ? withinTryTime(call()) : call());
      if ((result as Partial<Later>).isAway) {
        failures++;
        const longest = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * 2 ** (failures - 1));
        closedUntilMillis = now() + longest * (1 - random() / 2);
      } else {
        failures = 0;
      }
      return result;
    } finally {
      isTrying = false;
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
 * The result, or that the database is away when there is none in time. A call that was given up may
 * still be carried out; the batch is then stored twice, which changes nothing.
 */
async function withinTryTime<T>(call: Promise<T>): Promise<T | Later> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Later>((resolve) => {
    const reason = 'no answer from the database in time';
    timer = setTimeout(resolve, TRY_MILLIS, {
      status: 'retry',
      afterSeconds: 5,
      reason,
      isAway: true,
    });
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
