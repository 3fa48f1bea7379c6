/**
 * What waits to leave, bounded in bytes. Ended spans wait as they are, because writing their records
 * can wait too; then records wait in an open batch, then whole batches. When it gets tight, batches
 * are compressed; when that is not enough, what is new is dropped and counted.
 */
import type { SdkReport } from '../wire/records.ts';
import { type Batch, BatchBuilder } from './batch.ts';
import type { LiveSpan } from './live-span.ts';
import { countRecords, type RecordContext, type RecordSink, writeRecords } from './records.ts';
import { SessionLog } from './sessions.ts';
import { weigh } from './weight.ts';

/** Spans that may wait unwritten: enough to keep writing off the caller's turn. */
const MAX_UNWRITTEN = 2_000;

/** Unwritten spans may take this part of the queue, so that an estimate cannot overrun it. */
const UNWRITTEN_SHARE = 8;

export interface QueueLimits {
  readonly maxQueueBytes: number;
  readonly maxBatchBytes: number;
}

export class Queue {
  readonly #limits: QueueLimits;
  readonly #context: RecordContext;
  readonly #report: () => SdkReport;
  readonly #sessions = new SessionLog();
  #spans: LiveSpan[] = [];
  #spanBytes = 0;
  #spanRecords = 0;
  #builder = new BatchBuilder();
  #batches: Batch[] = [];
  #batchBytes = 0;
  #batchRecords = 0;
  /** Batches that are not settled, waiting or on their way. */
  readonly held = new Set<Batch>();
  /** Spans whose records could not be written. */
  unwritable = 0;

  constructor(limits: QueueLimits, context: RecordContext, report: () => SdkReport) {
    this.#limits = limits;
    this.#context = context;
    this.#report = report;
  }

  /** Bytes of everything that is held, batches on their way included. */
  get bytes(): number {
    return this.#spanBytes + this.#builder.size + this.#batchBytes;
  }

  /** Records that are held, batches on their way included. */
  get records(): number {
    return this.#spanRecords + this.#builder.records + this.#sessions.size + this.#batchRecords;
  }

  /** Whether enough waits for a batch to leave without delay. */
  get isReady(): boolean {
    return (
      this.#batches.length > 0 ||
      this.#spanBytes + this.#builder.size >= this.#limits.maxBatchBytes ||
      this.#spans.length >= MAX_UNWRITTEN
    );
  }

  /** Takes an ended span; returns how many records it makes, negative when they were dropped. */
  add(span: LiveSpan): number {
    const bytes = weigh(span);
    const records = countRecords(span);
    if (this.bytes + bytes > this.#limits.maxQueueBytes) {
      this.seal(true);
      if (this.bytes + bytes > this.#limits.maxQueueBytes) return -records;
    }
    this.#spans.push(span);
    this.#spanBytes += bytes;
    this.#spanRecords += records;
    const isCrowded =
      this.#spans.length >= MAX_UNWRITTEN ||
      this.#spanBytes >= this.#limits.maxQueueBytes / UNWRITTEN_SHARE;
    // Without a turn of the event loop nothing can leave, and a burst would pile up as objects.
    if (isCrowded) this.#write();
    const { session } = span.trace;
    if (!span.isRoot || !session) return records;
    return this.#sessions.touch(session, span.startedAt, span.endedAt) ? records + 1 : records;
  }

  /** The next batch to send, sealed from what waits when none is; it counts until it is settled. */
  next(): Batch | undefined {
    if (this.#batches.length === 0) this.seal(false);
    return this.#batches.shift();
  }

  /** Seals all that waits, so that it is in numbered batches from now on. */
  seal(pack: boolean): void {
    this.#write();
    for (const json of this.#sessions.take(this.#context.mode)) this.#builder.add('sessions', json);
    if (this.#builder.records > 0) this.#close(pack);
  }

  /** Puts batches back, before all others. */
  putBack(batches: readonly Batch[]): void {
    this.#batches.unshift(...batches);
    for (const batch of batches) this.#hold(batch);
  }

  /** A batch that was handed out is delivered or given up. */
  settle(batch: Batch): void {
    if (!this.held.delete(batch)) return;
    this.#batchBytes -= batch.body.byteLength;
    this.#batchRecords -= batch.records;
  }

  /** Forgets everything and returns how many records that were. */
  clear(): number {
    const records = this.records;
    this.#spans = [];
    this.#batches = [];
    this.held.clear();
    this.#builder = new BatchBuilder();
    this.#sessions.take(null);
    this.#spanBytes = this.#spanRecords = this.#batchBytes = this.#batchRecords = 0;
    return records;
  }

  readonly #sink: RecordSink = (table, json) => this.#builder.add(table, json);

  #write(): void {
    const spans = this.#spans;
    if (spans.length === 0) return;
    this.#spans = [];
    this.#spanBytes = this.#spanRecords = 0;
    for (const span of spans) {
      try {
        writeRecords(span, this.#context, this.#sink);
      } catch {
        this.unwritable += 1;
      }
      span.forget();
      if (this.#builder.isFull(this.#limits.maxBatchBytes)) {
        this.#close(this.bytes > this.#limits.maxQueueBytes / 2);
      }
    }
  }

  #close(pack: boolean): void {
    const batch = this.#builder.seal(this.#report(), pack);
    this.#batches.push(batch);
    this.#hold(batch);
  }

  #hold(batch: Batch): void {
    this.held.add(batch);
    this.#batchBytes += batch.body.byteLength;
    this.#batchRecords += batch.records;
  }
}
