/** Sends the batches of a queue: several at a time, each with retries until it is settled. */
import type { Batch } from '../batch/batch.ts';
import { unref } from '../platform/platform.ts';
import { clearTimer, setTimer, type Timer } from '../platform/timers.ts';
import type { Report } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { BatchQueue } from './batch-queue.ts';
import type { Exporter } from './exporter.ts';
import { backoffMillis, countOutcome, MAX_RETRY_AFTER_MILLIS } from './outcome.ts';

export interface Sender {
  /** Starts to send batches, as many as may be sent at a time: all of them, or only full ones. */
  send(all: boolean): void;
  /** Sends all batches, and resolves when they are settled or the time is up. */
  flush(timeoutMillis: number): Promise<void>;
  /** Exports all batches once, for an exporter that works synchronously. Ends with one that must wait. */
  exportAll(): void;
  /** Aborts requests, pauses and flushes. */
  stop(): void;
}

export function createSender(
  maxConcurrentRequests: number,
  queue: BatchQueue,
  /** Takes the next batch: a full one, or, when `all`, any that has records. */
  next: (all: boolean) => Batch | undefined,
  exporter: Exporter,
  report: Report,
  warn: Warn,
  onSettled: () => void,
): Sender {
  const abort = new AbortController();
  /** Flushes in progress: the function that ends each, and the batches that it waits for. */
  const flushes = new Map<() => void, Set<Batch>>();
  /** Functions that end the pause of a batch before its next attempt. */
  const pauses = new Set<() => void>();
  let inFlight = 0;

  const endPauses = (): void => {
    for (const end of [...pauses]) end();
  };

  /** Resolves when the time is up, or when the function that `begin` receives is called. */
  const wait = (millis: number, begin: (end: () => void, timer: Timer) => void): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimer(timer);
        flushes.delete(end);
        pauses.delete(end);
        resolve();
      };
      const timer = setTimer(end, millis);
      begin(end, timer);
    });

  const send = (all: boolean): void => {
    while (inFlight < maxConcurrentRequests) {
      const batch = next(all);
      if (!batch) break;
      inFlight += 1;
      void deliver(batch).then(() => {
        inFlight -= 1;
        send(flushes.size > 0);
        onSettled();
      });
    }
    endFlushes();
  };

  /** Exports a batch until it is settled, with as many attempts as that takes. */
  const deliver = async (batch: Batch): Promise<void> => {
    for (let attempt = 0; queue.unsettled.has(batch); attempt++) {
      const result = await exporter(batch, abort.signal);
      if (!queue.unsettled.has(batch)) return;
      if (result.status === 'retry') {
        report.lastFailure = result.reason;
        warn('retry', `delivery failed and is tried again: ${result.reason}`);
        await pause(result.afterMillis, attempt);
      } else {
        settle(batch, countOutcome(batch, result, report, warn));
      }
    }
  };

  const settle = (batch: Batch, successors: readonly Batch[]): void => {
    queue.putBack(successors);
    for (const targets of flushes.values()) {
      if (targets.has(batch)) for (const successor of successors) targets.add(successor);
    }
    queue.settle(batch);
    endFlushes();
  };

  /** Ends the flushes whose batches are all settled; the queue itself settles batches that are lost. */
  const endFlushes = (): void => {
    for (const [end, targets] of [...flushes]) {
      for (const batch of targets) if (!queue.unsettled.has(batch)) targets.delete(batch);
      if (targets.size === 0) end();
    }
  };

  const pause = (afterMillis: number | undefined, attempt: number): Promise<void> =>
    wait(
      afterMillis === undefined
        ? backoffMillis(attempt)
        : Math.min(afterMillis, MAX_RETRY_AFTER_MILLIS),
      (end, timer) => {
        unref(timer);
        // A flush ends a backoff of our own, but not the delay that the server asked for.
        if (afterMillis === undefined || abort.signal.aborted) pauses.add(end);
      },
    );

  return {
    send,
    flush(timeoutMillis) {
      if (queue.unsettled.size === 0) return Promise.resolve();
      // Unlike all other timers, this one keeps the process running, because the caller waits.
      return wait(timeoutMillis, (end) => {
        flushes.set(end, new Set(queue.unsettled));
        endPauses();
        send(true);
      });
    },
    exportAll() {
      // Taken from the queue, they are still among the unsettled ones.
      for (let taken = next(true); taken; ) taken = next(true);
      for (const batch of [...queue.unsettled]) {
        const result = exporter(batch, abort.signal);
        if (!('status' in result)) continue;
        if (result.status === 'retry') {
          report.lastFailure = result.reason;
          return;
        }
        settle(batch, countOutcome(batch, result, report, warn));
      }
    },
    stop() {
      abort.abort();
      endPauses();
      for (const end of [...flushes.keys()]) end();
    },
  };
}
