/**
 * The buffer of ended spans. Their records are written later, outside of the caller's turn of the event
 * loop. When the queue is full, new spans are dropped.
 *
 * With a spool, records are written by the end of the turn, so that a killed process loses little.
 */
import type { Spool } from '../batch/spool.ts';
import { nextTick } from '../platform/timers.ts';
import { countRecords, estimateBytes } from '../records/estimate.ts';
import { writeRecords } from '../records/records.ts';
import { SessionLog } from '../records/session-log.ts';
import { drop, type Report } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { RecordContext } from '../span/record-sink.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import type { BatchQueue } from './batch-queue.ts';
import { Sanitizer, type SanitizerSettings } from './sanitizer.ts';

/** Spans that are buffered before their records are written. */
const MAX_SPANS = 2_000;

/** With a spool: bytes of the current turn that a killed process may lose. */
const MAX_UNSPOOLED_BYTES = 65_536;

/** The buffer's share of `maxQueueBytes` is one in so many, because sizes of spans are estimates. */
const BUFFER_SHARE = 8;

export interface SpanBuffer {
  /** Records of the buffered spans, and of their sessions. */
  readonly records: number;
  /** Whether the buffered spans and the open batch are enough for a batch. */
  readonly isReady: boolean;
  /** Adds an ended span. Returns the number of its records; negative when they must be dropped. */
  add(span: RecordingSpan): number;
  /** Writes the records of all buffered spans and sessions, and seals the open batch. */
  seal(pack: boolean): void;
  /** Forgets all buffered spans and sessions. */
  clear(): void;
}

export interface SpanBufferSettings extends SanitizerSettings {
  readonly maxQueueBytes: number;
}

export function createSpanBuffer(
  settings: SpanBufferSettings,
  context: RecordContext,
  queue: BatchQueue,
  spool: Spool | undefined,
  report: Report,
  warn: Warn,
): SpanBuffer {
  const { maxQueueBytes, maxBatchBytes } = settings;
  const sanitizer = new Sanitizer(settings, report, warn, queue.add);
  const sessions = new SessionLog();
  /** Sessions whose records are not in the spool yet. */
  const unspooledSessions = new SessionLog();
  let spans: RecordingSpan[] = [];
  let bytes = 0;
  let records = 0;
  /** Whether `write` is scheduled for the end of this turn. */
  let isWriteScheduled = false;

  /** Writes the records of all buffered spans to the queue, and to the spool. */
  const write = (): void => {
    if (spans.length === 0) return;
    const taken = spans;
    clearSpans();
    for (const span of taken) {
      const before = sanitizer.taken;
      try {
        writeRecords(span, context, sanitizer.add);
      } catch {
        drop(report, 'unreadable', countRecords(span) - (sanitizer.taken - before));
      }
      span.release();
      sanitizer.flushIfFull();
      queue.sealFull();
    }
    sanitizer.flush();
    if (!spool) return;
    for (const json of unspooledSessions.take(context.mode)) {
      sanitizer.passOne('sessions', json, spool.add);
    }
    spool.write();
  };

  const scheduleWrite = (): void => {
    isWriteScheduled = true;
    (nextTick ?? queueMicrotask)(() => {
      isWriteScheduled = false;
      write();
    });
  };

  const seal = (pack: boolean): void => {
    write();
    for (const json of sessions.take(context.mode)) {
      sanitizer.passOne('sessions', json, queue.addSpooled);
    }
    queue.seal(pack);
  };

  const clearSpans = (): void => {
    spans = [];
    bytes = records = 0;
  };

  return {
    get records() {
      return records + sessions.size;
    },
    get isReady() {
      return bytes + queue.openBytes >= maxBatchBytes || spans.length >= MAX_SPANS;
    },
    add(span) {
      const size = estimateBytes(span);
      const count = countRecords(span);
      if (queue.bytes + bytes + size > maxQueueBytes) {
        seal(true);
        queue.evict();
        if (queue.bytes + size > maxQueueBytes) return -count;
      }
      spans.push(span);
      bytes += size;
      records += count;
      const isCrowded = spans.length >= MAX_SPANS || bytes >= maxQueueBytes / BUFFER_SHARE;
      // In synchronous code no batch can leave, and a burst of spans would accumulate as objects.
      if (isCrowded || (spool && bytes >= MAX_UNSPOOLED_BYTES)) write();
      else if (spool && !isWriteScheduled) scheduleWrite();
      const { session } = span.trace;
      if (!span.isRoot || !session) return count;
      if (spool) unspooledSessions.touch(session, span.startedAt, span.endedAt);
      return sessions.touch(session, span.startedAt, span.endedAt) ? count + 1 : count;
    },
    seal,
    clear() {
      clearSpans();
      sessions.take(null);
    },
  };
}
