/**
 * The end of the process. A forgotten flush loses nothing while the server is up, and the end is held
 * no longer than `exitTimeoutMillis`.
 */
import { state } from './state.ts';

/** Listens once for the moment when the host program has nothing left to do. */
export function hookExit(): void {
  if (state.isExitHooked) return;
  state.isExitHooked = true;
  let isGivenUp = false;
  globalThis.process?.on?.('beforeExit', () => {
    if (isGivenUp) return;
    for (const result of state.open) result.abandon();
    const held = [state.runtime, ...state.retired].filter((runtime) => !!runtime);
    const busy = held.filter(({ delivery }) => delivery.pending > 0);
    if (busy.length === 0) return;
    const flushes = busy.map(({ delivery, settings }) =>
      delivery.flush(settings.exitTimeoutMillis),
    );
    void Promise.all(flushes).then(() => {
      // Node asks again after this; holding it twice would break the promise.
      isGivenUp = busy.some(({ delivery }) => delivery.pending > 0);
    });
  });
}
