/**
 * What waits to leave, bounded in bytes. Ended spans wait as they are, because writing their records
 * can wait too; then records wait in an open batch, then whole batches. When it gets tight, batches
 * are compressed; when that is not enough, what is new is dropped and counted.
 *
 * With a spool nothing waits unwritten beyond its turn of the event loop, and batches that are on disk need not be in memory.
 */
import type { SdkReport } from '../../wire/records.ts';
import { type Batch, BatchBuilder, batchOnDisk } from '../batch/batch.ts';
import type { Spool } from '../batch/spool.ts';
import { readSegment } from '../batch/spool-recovery.ts';
import { estimateBytes } from '../records/estimate.ts';
import { countRecords, writeRecords } from '../records/records.ts';
import { SessionLog } from '../records/session-log.ts';
import { counts, drop } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { RecordContext, RecordSink } from '../span/record-sink.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { Sanitizer, type SanitizerSettings } from './sanitizer.ts';

/** Spans that may wait unwritten: enough to keep writing off the caller's turn. */
const MAX_UNWRITTEN = 2_000;

/** With a spool, so much of the turn at hand may be lost when the process is killed. */
const MAX_UNSPOOLED_BYTES = 65_536;

/** Unwritten spans may take this part of the queue, so that an estimate cannot overrun it. */
const UNWRITTEN_SHARE = 8;

export interface QueueLimits extends SanitizerSettings {
  readonly maxQueueBytes: number;
}

export class Queue {
  readonly #limits: QueueLimits;
  readonly #context: RecordContext;
  readonly #report: () => SdkReport;
  readonly #warn: Warn;
  readonly #spool: Spool | undefined;
  readonly #sessions = new SessionLog();
  /** The same until it is on disk. */
  readonly #unspooled = new SessionLog();
  #isDue = false;
  readonly #sanitizer: Sanitizer;
  #spans: RecordingSpan[] = [];
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

  constructor(
    limits: QueueLimits,
    context: RecordContext,
    report: () => SdkReport,
    warn: Warn,
    spool: Spool | undefined,
  ) {
    this.#limits = limits;
    this.#context = context;
    this.#report = report;
    this.#warn = warn;
    this.#spool = spool;
    this.#sanitizer = new Sanitizer(limits, warn, this.#sink);
    for (const segment of spool?.recover() ?? []) {
      const batch = batchOnDisk(segment);
      this.#batches.push(batch);
      this.#hold(batch);
      counts.created += batch.records;
    }
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
  add(span: RecordingSpan): number {
    const bytes = estimateBytes(span);
    const records = countRecords(span);
    if (this.bytes + bytes > this.#limits.maxQueueBytes) {
      this.seal(true);
      this.#sleep();
      if (this.bytes + bytes > this.#limits.maxQueueBytes) return -records;
    }
    this.#spans.push(span);
    this.#spanBytes += bytes;
    this.#spanRecords += records;
    const isCrowded =
      this.#spans.length >= MAX_UNWRITTEN ||
      this.#spanBytes >= this.#limits.maxQueueBytes / UNWRITTEN_SHARE;
    // Without a turn of the event loop nothing can leave, and a burst would pile up as objects.
    if (isCrowded || (this.#spool && this.#spanBytes >= MAX_UNSPOOLED_BYTES)) this.#write();
    else if (this.#spool && !this.#isDue) this.#endTurn();
    const { session } = span.trace;
    if (!span.isRoot || !session) return records;
    if (this.#spool) this.#unspooled.touch(session, span.startedAt, span.endedAt);
    return this.#sessions.touch(session, span.startedAt, span.endedAt) ? records + 1 : records;
  }

  /** The next batch to send, sealed from what waits when none is; it counts until it is settled. */
  next(): Batch | undefined {
    if (this.#batches.length === 0) this.seal(false);
    for (let batch = this.#batches.shift(); batch; batch = this.#batches.shift()) {
      if (this.#wake(batch)) return batch;
      this.settle(batch);
    }
    return undefined;
  }

  /** Seals all that waits, so that it is in numbered batches from now on. */
  seal(pack: boolean): void {
    this.#write();
    for (const json of this.#sessions.take(this.#context.mode)) {
      this.#sanitizer.one('sessions', json, (table, clean) => this.#builder.add(table, clean));
    }
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
    if (batch.segment) this.#spool?.release(batch.segment);
    this.#batchBytes -= batch.body.byteLength;
    this.#batchRecords -= batch.records;
  }

  /** Writes to disk what a spool has not written yet; the process ends. */
  close(): void {
    if (!this.#spool) return;
    this.seal(false);
    this.#spool.close();
  }

  /** Tells other processes on the same disk that this one lives. */
  beat(): void {
    this.#spool?.heartbeat();
  }

  /** Forgets everything, and returns how many records that were and how many of them are on disk. */
  clear(): { readonly records: number; readonly spooled: number } {
    if (this.#spool) this.seal(false);
    const { records } = this;
    let spooled = 0;
    for (const batch of this.held) if (batch.segment?.isComplete) spooled += batch.records;
    this.#spool?.close();
    this.#spans = [];
    this.#batches = [];
    this.held.clear();
    this.#builder = new BatchBuilder();
    this.#sessions.take(null);
    this.#spanBytes = this.#spanRecords = this.#batchBytes = this.#batchRecords = 0;
    return { records, spooled };
  }

  readonly #sink: RecordSink = (table, json) => {
    this.#builder.add(table, json);
    this.#spool?.add(table, json);
  };

  #write(): void {
    const spans = this.#spans;
    if (spans.length === 0) return;
    this.#spans = [];
    this.#spanBytes = this.#spanRecords = 0;
    for (const span of spans) {
      try {
        writeRecords(span, this.#context, this.#sanitizer.add);
      } catch {
        this.unwritable += 1;
      }
      span.release();
      this.#sanitizer.offer();
      if (this.#builder.isFull(this.#limits.maxBatchBytes)) {
        this.#close(this.bytes > this.#limits.maxQueueBytes / 2);
      }
    }
    this.#sanitizer.flush();
    if (!this.#spool) return;
    for (const json of this.#unspooled.take(this.#context.mode)) {
      this.#sanitizer.one('sessions', json, (table, clean) => this.#spool?.add(table, clean));
    }
    this.#spool.write();
  }

  /** Writes to disk before the turn of the event loop is over. */
  #endTurn(): void {
    this.#isDue = true;
    process.nextTick(() => {
      this.#isDue = false;
      this.#write();
    });
  }

  #close(pack: boolean): void {
    const segment = this.#spool?.seal();
    const batch = this.#builder.seal(this.#report(), pack && !segment?.isComplete, segment);
    this.#batches.push(batch);
    this.#hold(batch);
    if (this.#spool && this.bytes > this.#limits.maxQueueBytes / 2) this.#sleep();
  }

  /** Lets batches wait on disk alone. */
  #sleep(): void {
    for (const batch of this.#batches) {
      if (!batch.segment?.isComplete || batch.segment.id !== batch.id) continue;
      this.#batchBytes -= batch.body.byteLength;
      batch.body = batchOnDisk(batch.segment).body;
    }
  }

  /** Brings a batch back into memory; false when its records are lost, which is counted. */
  #wake(batch: Batch): boolean {
    const { segment } = batch;
    if (batch.body.byteLength > 0 || !segment) return true;
    const { builder, lost } = readSegment(segment, this.#warn);
    if (lost > 0) drop('spool-lost', Math.min(lost, batch.records));
    this.#batchRecords -= Math.min(lost, batch.records);
    batch.records -= Math.min(lost, batch.records);
    if (!builder) return false;
    batch.body = builder.seal(this.#report(), false, segment).body;
    this.#batchBytes += batch.body.byteLength;
    return true;
  }

  #hold(batch: Batch): void {
    if (batch.segment) batch.segment.uses += 1;
    this.held.add(batch);
    this.#batchBytes += batch.body.byteLength;
    this.#batchRecords += batch.records;
  }
}
