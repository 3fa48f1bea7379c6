/** Delivery of ended spans: decides when their records are sent, and sends them. */
import type { Batch } from '../batch/batch.ts';
import { loadSpool } from '../batch/load-spool.ts';
import type { WaitUntil } from '../config/init-options.ts';
import type { Settings } from '../config/options.ts';
import { isolatesRequests, requestWaitUntil } from '../platform/isolation.ts';
import { setTimer } from '../platform/timers.ts';
import { attempt, messageOf } from '../platform/values.ts';
import { countRecords } from '../records/estimate.ts';
import { drop, type Report } from '../report/counts.ts';
import { noteLoss } from '../report/losses.ts';
import type { Warn } from '../report/warnings.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { createBatchQueue } from './batch-queue.ts';
import type { Exporter } from './exporter.ts';
import { lossOf } from './loss.ts';
import { createRequestSender } from './request-sender.ts';
import { createSender } from './sender.ts';
import { createSpanBuffer } from './span-buffer.ts';
import { createTimer } from './timer.ts';

export interface Delivery {
  /** Number of records that are neither delivered nor given up. */
  readonly pending: number;
  /** Whether {@link stop} was called; later spans are dropped. */
  readonly isStopped: boolean;
  /** Takes an ended span. Its records are sent later, never in the caller's turn. */
  take(span: RecordingSpan): void;
  /** Sends all records, and resolves when they are settled or the time is up. */
  flush(timeoutMillis: number): Promise<void>;
  /** Stops at once; pending records that are not on disk are dropped. */
  stop(): void;
  /**
   * Writes pending records to disk, if the mode or the spool does, and notes the others as lost: the
   * process exits.
   */
  close(): void;
  /** Continues delivery in the background, and calls back when no record is pending. */
  retire(onIdle: () => void): void;
}

export function createDelivery(
  settings: Settings,
  exporter: Exporter,
  report: Report,
  warn: Warn,
): Delivery {
  const { name, release, userId } = settings;
  const mode = settings.mode === 'local' ? null : settings.mode;
  const context = { serviceName: name, release, userId, mode };
  const spool = mode === null ? undefined : loadSpool(settings, report, warn, () => recover());
  const queue = createBatchQueue(settings, spool, report);
  const buffer = createSpanBuffer(settings, context, queue, spool, report, warn);
  const next = (all: boolean): Batch | undefined => {
    if (!queue.hasWaiting && (all || buffer.isReady)) buffer.seal(false);
    return queue.next();
  };
  const send: Exporter = (batch, signal) => {
    spool?.heartbeat();
    return exporter(batch, signal);
  };
  const onSettled = (): void => {
    if (pending() === 0) whenIdle?.();
  };
  const { maxConcurrentRequests, requestTimeoutMillis } = settings;
  const isolated = isolatesRequests();
  const sender = isolated
    ? createRequestSender(
        maxConcurrentRequests,
        requestTimeoutMillis,
        queue,
        () => next(true),
        send,
        report,
        warn,
        onSettled,
      )
    : createSender(maxConcurrentRequests, queue, next, send, report, warn, onSettled);
  const timer = createTimer(() => {
    isUrgent = false;
    sender.send(true);
  });
  /** Whether the timer was set to fire at once. */
  let isUrgent = false;
  /** Whether `waitUntil` was called for a flush that has not begun. */
  let isAnnounced = false;
  let isStopped = false;
  let whenIdle: (() => void) | undefined;

  const pending = (): number => buffer.records + queue.records;

  const flush = (timeoutMillis: number): Promise<void> => {
    buffer.seal(false);
    return sender.flush(timeoutMillis);
  };

  /**
   * Keeps the platform running for one flush; it includes the spans that end in this turn.
   * @returns whether it keeps running
   */
  const announce = (keepRunning: WaitUntil): boolean => {
    if (isAnnounced) return true;
    isAnnounced = true;
    const delivered = Promise.resolve()
      .then(() => {
        isAnnounced = false;
        // A flush that the program calls now waits for its own batches alone, so it comes first.
        return isolated ? nextTurn() : undefined;
      })
      .then(() => flush(requestTimeoutMillis));
    try {
      keepRunning(delivered);
      return true;
    } catch (error) {
      warn('wait-until', `waitUntil failed, records are sent by the timer: ${messageOf(error)}`);
      return false;
    }
  };

  const note = (records: number): void => {
    if (settings.log !== 'silent') noteLoss(lossOf(settings, records, report));
  };

  const recover = (): void => {
    queue.recover();
    if (pending() > 0) timer.set(0);
  };

  recover();
  return {
    get pending() {
      return pending();
    },
    get isStopped() {
      return isStopped;
    },
    take(span) {
      const records = isStopped ? -countRecords(span) : buffer.add(span);
      report.counts.created += Math.abs(records);
      if (records < 0) drop(report, isStopped ? 'stopped' : 'queue-full', -records);
      if (isStopped) return;
      if (records < 0) {
        warn('queue-full', 'the queue is full (maxQueueBytes); new records are dropped');
      }
      const keepRunning = span.trace.waitUntil ?? requestWaitUntil();
      const isKept = keepRunning && (!span.isRoot || announce(keepRunning));
      // The request sends the records when its trace ends.
      if (isKept && isolated) return;
      if (timer.isLost && pending() > records) warn('wait-until', UNKEPT_HINT);
      if (!timer.isSet) {
        isUrgent = false;
        timer.set(settings.flushIntervalMillis);
      } else if (!isUrgent && (queue.hasWaiting || buffer.isReady)) {
        isUrgent = true;
        timer.set(0);
      }
    },
    flush,
    stop() {
      isStopped = true;
      timer.clear();
      if (spool) buffer.seal(false);
      const records = pending();
      const spooled = queue.clear();
      buffer.clear();
      spool?.close();
      const lost = records - spooled;
      report.counts.spooled += spooled;
      drop(report, 'stopped', lost);
      if (lost > 0) warn('stopped', `shut down with ${lost} records not delivered`);
      note(lost);
      sender.stop();
    },
    close() {
      // The SQLite exporter writes before it returns.
      if (mode === null) sender.exportAll();
      if (spool) {
        buffer.seal(false);
        spool.close();
      }
      note(pending() - queue.spooled);
    },
    retire(onIdle) {
      whenIdle = onIdle;
      if (pending() === 0) onIdle();
      else timer.set(0);
    },
  };
}

const UNKEPT_HINT =
  'records of an earlier request were not sent in time, because its timers ended with it: use serverless(), ' +
  'or the option waitUntil, or call flush() in each request';

/** Resolves in the next turn of the event loop. */
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (!attempt(() => setTimer(resolve, 0))) resolve();
  });
