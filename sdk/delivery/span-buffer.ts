/**
 * The buffer of ended spans. Their records are written later, outside of the caller's turn of the event
 * loop. When the queue is full, new spans are dropped.
 *
 * With a spool, records are written by the end of the turn, so that a killed process loses little.
 */
import type { Spool } from '../batch/spool.ts';
import { countRecords, estimateBytes } from '../records/estimate.ts';
import { writeRecords } from '../records/records.ts';
import { SessionLog } from '../records/session-log.ts';
import { drop } from '../report/counts.ts';
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

export interface SpanBufferSettings extends SanitizerSettings {
  readonly maxQueueBytes: number;
}

export class SpanBuffer {
  readonly #settings: SpanBufferSettings;
  readonly #context: RecordContext;
  readonly #queue: BatchQueue;
  readonly #spool: Spool | undefined;
  readonly #sanitizer: Sanitizer;
  readonly #sessions = new SessionLog();
  /** Sessions whose records are not in the spool yet. */
  readonly #unspooledSessions = new SessionLog();
  #spans: RecordingSpan[] = [];
  #bytes = 0;
  #spanRecords = 0;
  /** Whether {@link write} is scheduled for the end of this turn. */
  #isWriteScheduled = false;

  constructor(
    settings: SpanBufferSettings,
    context: RecordContext,
    queue: BatchQueue,
    spool: Spool | undefined,
    warn: Warn,
  ) {
    this.#settings = settings;
    this.#context = context;
    this.#queue = queue;
    this.#spool = spool;
    this.#sanitizer = new Sanitizer(settings, warn, queue.add);
  }

  /** Records of the buffered spans, and of their sessions. */
  get records(): number {
    return this.#spanRecords + this.#sessions.size;
  }

  /** Whether the buffered spans and the open batch are enough for a batch. */
  get isReady(): boolean {
    return (
      this.#bytes + this.#queue.openBytes >= this.#settings.maxBatchBytes ||
      this.#spans.length >= MAX_SPANS
    );
  }

  /** Adds an ended span. Returns the number of its records; negative when they must be dropped. */
  add(span: RecordingSpan): number {
    const { maxQueueBytes } = this.#settings;
    const bytes = estimateBytes(span);
    const records = countRecords(span);
    if (this.#queue.bytes + this.#bytes + bytes > maxQueueBytes) {
      this.seal(true);
      this.#queue.evict();
      if (this.#queue.bytes + bytes > maxQueueBytes) return -records;
    }
    this.#spans.push(span);
    this.#bytes += bytes;
    this.#spanRecords += records;
    const isCrowded =
      this.#spans.length >= MAX_SPANS || this.#bytes >= maxQueueBytes / BUFFER_SHARE;
    // In synchronous code no batch can leave, and a burst of spans would accumulate as objects.
    if (isCrowded || (this.#spool && this.#bytes >= MAX_UNSPOOLED_BYTES)) this.write();
    else if (this.#spool && !this.#isWriteScheduled) this.#scheduleWrite();
    const { session } = span.trace;
    if (!span.isRoot || !session) return records;
    if (this.#spool) this.#unspooledSessions.touch(session, span.startedAt, span.endedAt);
    return this.#sessions.touch(session, span.startedAt, span.endedAt) ? records + 1 : records;
  }

  /** Writes the records of all buffered spans and sessions, and seals the open batch. */
  seal(pack: boolean): void {
    this.write();
    for (const json of this.#sessions.take(this.#context.mode)) {
      this.#sanitizer.passOne('sessions', json, this.#queue.addSpooled);
    }
    this.#queue.seal(pack);
  }

  /** Writes the records of all buffered spans to the queue, and to the spool. */
  write(): void {
    const spans = this.#spans;
    if (spans.length === 0) return;
    this.#spans = [];
    this.#bytes = this.#spanRecords = 0;
    for (const span of spans) {
      const before = this.#sanitizer.taken;
      try {
        writeRecords(span, this.#context, this.#sanitizer.add);
      } catch {
        drop('unreadable', countRecords(span) - (this.#sanitizer.taken - before));
      }
      span.release();
      this.#sanitizer.flushIfFull();
      this.#queue.sealFull();
    }
    this.#sanitizer.flush();
    const spool = this.#spool;
    if (!spool) return;
    for (const json of this.#unspooledSessions.take(this.#context.mode)) {
      this.#sanitizer.passOne('sessions', json, (table, clean) => spool.add(table, clean));
    }
    spool.write();
  }

  /** Forgets all buffered spans and sessions. */
  clear(): void {
    this.#spans = [];
    this.#sessions.take(null);
    this.#bytes = this.#spanRecords = 0;
  }

  #scheduleWrite(): void {
    this.#isWriteScheduled = true;
    process.nextTick(() => {
      this.#isWriteScheduled = false;
      this.write();
    });
  }
}
