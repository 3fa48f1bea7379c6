/** The timer of the delivery. */
import { isolatesRequests } from '../platform/isolation.ts';
import { unref } from '../platform/platform.ts';
import { clearTimer, setTimer, type Timer as TimerHandle } from '../platform/timers.ts';
import { attempt } from '../platform/values.ts';

export interface Timer {
  /** Whether the function will be called. */
  readonly isSet: boolean;
  /** Whether it has ended with the request that set it. */
  readonly isLost: boolean;
  /** Calls the function after some time, in place of an earlier setting. */
  set(millis: number): void;
  clear(): void;
}

/** A timer that is overdue by this much has ended with the request that set it. */
const GRACE_MILLIS = 1_000;

/** Creates a timer that does not keep the process running. */
export function createTimer(fire: () => void): Timer {
  const isolated = isolatesRequests();
  let timer: TimerHandle | undefined;
  let dueAt = 0;

  const clear = (): void => {
    // The timer of another request cannot be cleared; it finds that it is no longer the current one.
    if (!isolated) clearTimer(timer);
    timer = undefined;
  };

  const isLost = (): boolean =>
    isolated && timer !== undefined && Date.now() > dueAt + GRACE_MILLIS;

  return {
    get isSet() {
      return timer !== undefined && !isLost();
    },
    get isLost() {
      return isLost();
    },
    set(millis) {
      clear();
      dueAt = Date.now() + millis;
      // Outside of a request, workerd refuses timers.
      const own = attempt(() =>
        setTimer(() => {
          if (timer !== own) return;
          timer = undefined;
          fire();
        }, millis),
      );
      timer = own;
      unref(own);
    },
    clear,
  };
}
