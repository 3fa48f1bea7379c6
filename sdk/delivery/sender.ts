/** When batches leave, how many at a time, and what becomes of each. */
import type { SdkReport } from '../../wire/records.ts';
import { type Batch, halve } from '../batch/batch.ts';
import { createSpool } from '../batch/spool.ts';
import type { WaitUntil } from '../config/init-options.ts';
import type { Settings } from '../config/options.ts';
import { unref } from '../platform/platform.ts';
import { messageOf } from '../platform/values.ts';
import { SDK_NAME, VERSION } from '../platform/version.ts';
import { countRecords } from '../records/records.ts';
import { counts, drop, processId, reject } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { Queue } from './batch-queue.ts';

/** What became of one attempt to deliver a batch. */
export type Outcome =
  | { readonly status: 'sent'; readonly rejected: number; readonly reason?: string }
  /** `afterMillis`: how long the server asked us to wait. */
  | { readonly status: 'retry'; readonly afterMillis?: number | undefined; readonly reason: string }
  | { readonly status: 'refused'; readonly reason: string }
  /** Too large for the server: to be tried again in two halves. */
  | { readonly status: 'split' };

/** Tries to deliver a batch once; never rejects. */
export type Deliver = (batch: Batch, signal: AbortSignal) => Promise<Outcome>;

const FIRST_BACKOFF_MILLIS = 250;
const MAX_BACKOFF_MILLIS = 30_000;
const MAX_RETRY_AFTER_MILLIS = 300_000;

/** Takes ended spans and brings their records to where they are stored. */
export interface Delivery {
  /** Records that are held. */
  readonly pending: number;
  /** Stopped for good: what still comes is dropped. */
  readonly isStopped: boolean;
  /** Takes an ended span; it leaves soon, and never in the caller's own turn. */
  take(span: RecordingSpan): void;
  /** Delivers what is held now, and resolves when that is settled or the time is up. */
  flush(timeoutMillis: number): Promise<void>;
  /** Stops at once; what is still held counts as dropped. */
  stop(): void;
  /** The process ends now: nothing can be sent any more, but what is written to disk stays. */
  close(): void;
  /** Goes on delivering in the background, and calls back when nothing is held. */
  retire(onIdle: () => void): void;
}

export function createDelivery(settings: Settings, deliver: Deliver, warn: Warn): Delivery {
  const { name, release, userId, waitUntil } = settings;
  const mode = settings.mode === 'local' ? null : settings.mode;
  const context = { serviceName: name, release, userId, mode };
  const spool = mode === null ? undefined : createSpool(settings, warn);
  const queue = new Queue(settings, context, report, warn, spool);
  const abort = new AbortController();
  /** Flushes under way: what ends each, and the batches that it waits for. */
  const flushes = new Map<() => void, Set<Batch>>();
  /** Wakes batches that wait for their next attempt. */
  const sleepers = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isHurried = false;
  /** Whether a delivery was announced to the platform that has not begun. */
  let isAnnounced = false;
  let inFlight = 0;
  let isStopped = false;
  let whenIdle: (() => void) | undefined;

  const wakeAll = (): void => {
    for (const wake of [...sleepers]) wake();
  };

  /** Resolves when the time is up, or at the call that `begin` is given. */
  const wait = (
    millis: number,
    begin: (end: () => void, timer: ReturnType<typeof setTimeout>) => void,
  ): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(deadline);
        flushes.delete(end);
        sleepers.delete(end);
        resolve();
      };
      const deadline = setTimeout(end, millis);
      begin(end, deadline);
    });

  const flush = (timeoutMillis: number): Promise<void> => {
    queue.seal(false);
    if (queue.held.size === 0) return Promise.resolve();
    // This timer holds the process, unlike all others: somebody waits for us.
    return wait(timeoutMillis, (end) => {
      flushes.set(end, new Set(queue.held));
      wakeAll();
      pump(true);
    });
  };

  const schedule = (millis: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      isHurried = false;
      pump(true);
    }, millis);
    unref(timer);
  };

  /** Asks the platform to stay awake for one delivery; what comes meanwhile asks again. */
  const announce = (keepAwake: WaitUntil): void => {
    if (isAnnounced) return;
    isAnnounced = true;
    const delivered = Promise.resolve().then(() => {
      isAnnounced = false;
      return flush(settings.requestTimeoutMillis);
    });
    try {
      keepAwake(delivered);
    } catch (error) {
      warn('wait-until', `waitUntil failed, delivery goes by the timer: ${messageOf(error)}`);
    }
  };

  /** Sends as many batches as may be under way at a time: all that waits, or what is enough. */
  const pump = (takesAll: boolean): void => {
    while (inFlight < settings.maxConcurrentRequests) {
      const batch = takesAll || queue.isReady ? queue.next() : undefined;
      if (!batch) break;
      inFlight += 1;
      void carry(batch).then(() => {
        inFlight -= 1;
        pump(flushes.size > 0);
        if (queue.records === 0) whenIdle?.();
      });
    }
    endFlushes();
    drop('unreadable', queue.unwritable);
    queue.unwritable = 0;
  };

  /** Brings one batch to its end, however many attempts that takes. */
  const carry = async (batch: Batch): Promise<void> => {
    const { records } = batch;
    for (let attempt = 0; queue.held.has(batch); attempt++) {
      queue.beat();
      const outcome = await deliver(batch, abort.signal);
      if (!queue.held.has(batch)) return;
      switch (outcome.status) {
        case 'sent': {
          const { rejected, reason } = outcome;
          counts.sent += records - rejected;
          if (rejected > 0) {
            reject(reason ?? 'rejected', rejected);
            warn('rejected', `records were rejected: ${reason ?? 'no reason given'}`);
          }
          return settle(batch, []);
        }
        case 'refused':
          reject(outcome.reason, records);
          warn('refused', `a batch was refused: ${outcome.reason}`);
          return settle(batch, []);
        case 'split': {
          const halves = halve(batch, report());
          if (halves.length === 0) {
            reject('413', records);
            warn('too-large', 'a record is too large for the server (413)');
          }
          return settle(batch, halves);
        }
        case 'retry':
          warn('retry', `delivery failed and is tried again: ${outcome.reason}`);
          await pause(outcome.afterMillis, attempt);
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

  /** Ends the flushes whose batches are all settled; the queue settles those by itself whose file is lost. */
  const endFlushes = (): void => {
    for (const [end, targets] of [...flushes]) {
      for (const batch of targets) if (!queue.held.has(batch)) targets.delete(batch);
      if (targets.size === 0) end();
    }
  };

  const pause = (afterMillis: number | undefined, attempt: number): Promise<void> => {
    const backoff = Math.min(FIRST_BACKOFF_MILLIS * 2 ** attempt, MAX_BACKOFF_MILLIS);
    // Jitter, so that processes which failed together do not come back together.
    const millis =
      afterMillis === undefined
        ? backoff * (0.5 + Math.random() / 2)
        : Math.min(afterMillis, MAX_RETRY_AFTER_MILLIS);
    return wait(millis, (wake, deadline) => {
      unref(deadline);
      // A flush may cut our own backoff short, but not the pause that the server asked for.
      if (afterMillis === undefined || abort.signal.aborted) sleepers.add(wake);
    });
  };

  if (queue.records > 0) schedule(0);
  return {
    get pending() {
      return queue.records;
    },
    get isStopped() {
      return isStopped;
    },
    take(span) {
      const records = isStopped ? -countRecords(span) : queue.add(span);
      counts.created += Math.abs(records);
      if (records < 0) drop(isStopped ? 'stopped' : 'queue-full', -records);
      if (isStopped) return;
      if (records < 0) {
        warn('queue-full', 'the queue is full (maxQueueBytes); new records are dropped');
      }
      if (waitUntil && span.isRoot) announce(waitUntil);
      if (!timer) schedule(settings.flushIntervalMillis);
      else if (!isHurried && queue.isReady) {
        isHurried = true;
        schedule(0);
      }
    },
    flush,
    stop() {
      isStopped = true;
      clearTimeout(timer);
      const { records, spooled } = queue.clear();
      const lost = records - spooled;
      counts.spooled += spooled;
      drop('stopped', lost);
      if (lost > 0) warn('stopped', `shut down with ${lost} records not delivered`);
      abort.abort();
      wakeAll();
      for (const end of [...flushes.keys()]) end();
    },
    close() {
      if (mode === null) {
        // A file is written before the call returns.
        for (let batch = queue.next(); batch; batch = queue.next()) {
          void deliver(batch, abort.signal);
        }
      }
      queue.close();
    },
    retire(onIdle) {
      whenIdle = onIdle;
      if (queue.records === 0) onIdle();
      else schedule(0);
    },
  };
}

function report(): SdkReport {
  return {
    name: SDK_NAME,
    version: VERSION,
    process_id: processId,
    created: counts.created,
    sent: counts.sent,
    dropped: counts.dropped + counts.rejected,
  };
}
