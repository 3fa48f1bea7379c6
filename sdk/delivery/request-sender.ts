/**
 * Sends the batches of a queue where requests are isolated from each other: each flush sends what waits,
 * by connections and timers of its own, and waits for nothing that another request does. The end of a
 * request may end its flush without notice; then the batches of the flush wait again when they are
 * overdue. A batch may so be sent twice; the server recognises its id.
 */
import type { Batch } from '../batch/batch.ts';
import { clearTimer, setTimer, type Timer } from '../platform/timers.ts';
import type { Report } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { BatchQueue } from './batch-queue.ts';
import type { Exporter } from './exporter.ts';
import { backoffMillis, countOutcome, MAX_RETRY_AFTER_MILLIS } from './outcome.ts';
import type { Sender } from './sender.ts';

/** Beyond its timeout, a flush that has not returned its batches has ended without notice. */
const GRACE_MILLIS = 1_000;

export function createRequestSender(
  maxConcurrentRequests: number,
  requestTimeoutMillis: number,
  queue: BatchQueue,
  /** Takes the next batch. */
  next: () => Batch | undefined,
  exporter: Exporter,
  report: Report,
  warn: Warn,
  onSettled: () => void,
): Sender {
  /** Batches that a flush has taken, with the time at which they are overdue. */
  const taken = new Map<Batch, number>();
  /** The server asked not to send before this time. */
  let notBefore = 0;

  /** All waiting batches, in this turn: each batch has one flush. */
  const takeAll = (overdueAt: number): Batch[] => {
    for (const [batch, at] of taken) if (Date.now() > at) giveBack(batch);
    const batches: Batch[] = [];
    for (let batch = next(); batch; batch = next()) {
      taken.set(batch, overdueAt);
      batches.push(batch);
    }
    return batches;
  };

  const giveBack = (batch: Batch): void => {
    if (taken.delete(batch)) queue.waitAgain(batch);
  };

  const flush = async (timeoutMillis: number): Promise<void> => {
    const deadline = Date.now() + timeoutMillis;
    const batches = takeAll(deadline + GRACE_MILLIS);
    if (batches.length === 0) return;
    const own = new Set(batches);
    try {
      const abort = new AbortController();
      await within(timeoutMillis, async () => {
        const lanes = Array.from({ length: Math.min(maxConcurrentRequests, batches.length) });
        await Promise.all(
          lanes.map(async () => {
            for (let batch = batches.shift(); batch; batch = batches.shift()) {
              for (const successor of await deliver(batch, deadline, abort.signal)) {
                taken.set(successor, deadline + GRACE_MILLIS);
                own.add(successor);
                batches.push(successor);
              }
            }
          }),
        );
      });
      abort.abort();
    } catch {
      // Outside of a request there are no timers and connections; the next request sends the batches.
    }
    for (const batch of own) giveBack(batch);
  };

  /** Exports a batch until it is settled or the time is up. Returns the batches that replace it. */
  const deliver = async (
    batch: Batch,
    deadline: number,
    signal: AbortSignal,
  ): Promise<readonly Batch[]> => {
    for (let attempt = 0; !signal.aborted && queue.unsettled.has(batch); attempt++) {
      if (!(await sleptUntil(notBefore, deadline))) return [];
      const result = await exporter(batch, signal);
      if (signal.aborted || !queue.unsettled.has(batch)) return [];
      if (result.status !== 'retry')
        return settle(batch, countOutcome(batch, result, report, warn));
      report.lastFailure = result.reason;
      warn('retry', `delivery failed and is tried again: ${result.reason}`);
      const { afterMillis } = result;
      if (afterMillis !== undefined) {
        notBefore = Date.now() + Math.min(afterMillis, MAX_RETRY_AFTER_MILLIS);
      } else if (!(await sleptUntil(Date.now() + backoffMillis(attempt), deadline))) return [];
    }
    return [];
  };

  /** Settles a batch, and takes the batches that replace it. */
  const settle = (batch: Batch, successors: readonly Batch[]): readonly Batch[] => {
    queue.putBack(successors);
    taken.delete(batch);
    queue.settle(batch);
    const replacing = successors.flatMap(() => next() ?? []);
    onSettled();
    return replacing;
  };

  return {
    send: () => void flush(requestTimeoutMillis),
    flush,
    exportAll: () => void flush(0),
    // Timers and connections of other requests may not be touched: their batches are settled already.
    stop: () => taken.clear(),
  };
}

/** Waits until a time. False, at once, when the deadline is before it. */
async function sleptUntil(time: number, deadline: number): Promise<boolean> {
  const millis = time - Date.now();
  if (millis <= 0) return true;
  if (time >= deadline) return false;
  await new Promise((resolve) => setTimer(resolve, millis));
  return true;
}

/** Waits for some work until the time is up. */
async function within(millis: number, work: () => Promise<void>): Promise<void> {
  let timer: Timer | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimer(resolve, millis);
  });
  try {
    await Promise.race([work(), timeUp]);
  } finally {
    clearTimer(timer);
  }
}
