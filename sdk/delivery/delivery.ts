/** Delivery of ended spans: decides when their records are sent, and sends them. */
import { loadSpool } from '../batch/load-spool.ts';
import type { WaitUntil } from '../config/init-options.ts';
import type { Settings } from '../config/options.ts';
import { unref } from '../platform/platform.ts';
import { messageOf } from '../platform/values.ts';
import { countRecords } from '../records/estimate.ts';
import { drop, type Report } from '../report/counts.ts';
import { noteLoss } from '../report/losses.ts';
import type { Warn } from '../report/warnings.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { createBatchQueue } from './batch-queue.ts';
import type { Exporter } from './exporter.ts';
import { lossOf } from './loss.ts';
import { createSender } from './sender.ts';
import { createSpanBuffer } from './span-buffer.ts';

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
  const { name, release, userId, waitUntil } = settings;
  const mode = settings.mode === 'local' ? null : settings.mode;
  const context = { serviceName: name, release, userId, mode };
  const spool = mode === null ? undefined : loadSpool(settings, report, warn, () => recover());
  const queue = createBatchQueue(settings, spool, report);
  const buffer = createSpanBuffer(settings, context, queue, spool, report, warn);
  const sender = createSender(
    settings.maxConcurrentRequests,
    queue,
    (all) => {
      if (!queue.hasWaiting && (all || buffer.isReady)) buffer.seal(false);
      return queue.next();
    },
    (batch, signal) => {
      spool?.heartbeat();
      return exporter(batch, signal);
    },
    report,
    warn,
    () => {
      if (pending() === 0) whenIdle?.();
    },
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
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

  const schedule = (millis: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      isUrgent = false;
      sender.send(true);
    }, millis);
    unref(timer);
  };

  /** Keeps the platform running for one flush; it includes the spans that end in this turn. */
  const announce = (keepRunning: WaitUntil): void => {
    if (isAnnounced) return;
    isAnnounced = true;
    const delivered = Promise.resolve().then(() => {
      isAnnounced = false;
      return flush(settings.requestTimeoutMillis);
    });
    try {
      keepRunning(delivered);
    } catch (error) {
      warn('wait-until', `waitUntil failed, records are sent by the timer: ${messageOf(error)}`);
    }
  };

  const note = (records: number): void => {
    if (settings.log !== 'silent') noteLoss(lossOf(settings, records, report.lastFailure));
  };

  const recover = (): void => {
    queue.recover();
    if (pending() > 0) schedule(0);
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
      if (waitUntil && span.isRoot) announce(waitUntil);
      if (!timer) schedule(settings.flushIntervalMillis);
      else if (!isUrgent && (queue.hasWaiting || buffer.isReady)) {
        isUrgent = true;
        schedule(0);
      }
    },
    flush,
    stop() {
      isStopped = true;
      clearTimeout(timer);
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
      else schedule(0);
    },
  };
}
