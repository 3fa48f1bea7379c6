/**
 * Attempts that failed, and that the client may repeat: their span ends only when no further attempt
 * follows, because a span that ended with an error stays one.
 */
import { unref } from '../platform/platform.ts';
import { clearTimer, setTimer, type Timer } from '../platform/timers.ts';
import { type OpenStream, openStreams } from '../span/open-roots.ts';
import type { Attempt, CallRequest } from './call-request.ts';

/** The longest wait for the next attempt, in milliseconds. */
const MAX_WAIT_MILLIS = 10_000;
const MAX_WAITING = 1_000;

interface Waiting extends Attempt, OpenStream {
  readonly timer: Timer;
}

export class WaitingAttempts {
  readonly #waiting = new Set<Waiting>();

  /** Keeps a failed attempt. If no other follows, its span ends with the present time. */
  add(attempt: Attempt): void {
    const endedAt = attempt.span.now();
    const waiting: Waiting = {
      ...attempt,
      timer: setTimer(() => waiting.abandon(), MAX_WAIT_MILLIS),
      abandon: () => {
        this.#remove(waiting);
        attempt.span.finish(endedAt);
      },
      belongsTo: (instance) => attempt.span.owner.instance === instance,
    };
    unref(waiting.timer);
    this.#waiting.add(waiting);
    openStreams.add(waiting);
    if (this.#waiting.size > MAX_WAITING) this.#waiting.values().next().value?.abandon();
  }

  /** The attempt that a request repeats, if there is one; it waits no longer. */
  take(next: CallRequest): Attempt | undefined {
    for (const waiting of this.#waiting) {
      if (!isRepeated(waiting, next)) continue;
      this.#remove(waiting);
      return waiting;
    }
    return undefined;
  }

  /** Ends the spans of all waiting attempts. */
  endAll(): void {
    for (const waiting of [...this.#waiting]) waiting.abandon();
  }

  #remove(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    openStreams.delete(waiting);
    clearTimer(waiting.timer);
  }
}

/** The same request from the same place; Stainless's clients count their retries in a header. */
function isRepeated({ request, resends }: Attempt, next: CallRequest): boolean {
  if (request.scope?.span !== next.scope?.span || !isSameBody(request, next)) return false;
  if (resends === 0) return request.retryCount === next.retryCount;
  if (request.path !== next.path) return false;
  return next.retryCount === undefined
    ? request.retryCount === undefined
    : next.retryCount === (request.retryCount ?? 0) + 1;
}

/** An attempt whose body was not sent is known by the count of its client alone. */
const isSameBody = ({ identity }: CallRequest, next: CallRequest): boolean =>
  identity === next.identity || (identity === '' && next.retryCount !== undefined);
