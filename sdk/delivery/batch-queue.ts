/**
 * The queue of batches: the open batch that collects records, the sealed batches that wait, and those
 * that are being sent. When memory is short, waiting batches are compressed, or, with a spool, evicted:
 * then they are only on disk until they are sent.
 */
import { type Batch, BatchBuilder, batchOnDisk } from '../batch/batch.ts';
import type { Spool } from '../batch/spool.ts';
import { readSegment } from '../batch/spool-recovery.ts';
import { counts, drop, sdkReport } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { RecordSink } from '../span/record-sink.ts';

export interface BatchQueueLimits {
  readonly maxBatchBytes: number;
  readonly maxQueueBytes: number;
}

export class BatchQueue {
  readonly #limits: BatchQueueLimits;
  readonly #warn: Warn;
  readonly #spool: Spool | undefined;
  #open = new BatchBuilder();
  #waiting: Batch[] = [];
  /** Bytes and records of all unsettled batches. */
  #bytes = 0;
  #records = 0;
  /** Batches that are not settled: waiting, or being sent. */
  readonly unsettled = new Set<Batch>();

  /** Recovers the batches that earlier processes left in the spool. */
  constructor(limits: BatchQueueLimits, warn: Warn, spool: Spool | undefined) {
    this.#limits = limits;
    this.#warn = warn;
    this.#spool = spool;
    for (const segment of spool?.recover() ?? []) {
      const batch = batchOnDisk(segment);
      this.#waiting.push(batch);
      this.#track(batch);
      counts.created += batch.records;
    }
  }

  /** Size of the open batch and of all unsettled batches. */
  get bytes(): number {
    return this.#open.size + this.#bytes;
  }

  /** Records of the open batch and of all unsettled batches. */
  get records(): number {
    return this.#open.records + this.#records;
  }

  /** Size of the open batch. */
  get openBytes(): number {
    return this.#open.size;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Adds a record to the open batch, and to the spool. */
  readonly add: RecordSink = (table, json) => {
    this.#open.add(table, json);
    this.#spool?.add(table, json);
  };

  /** Adds a record to the open batch that is in the spool already. */
  readonly addSpooled: RecordSink = (table, json) => this.#open.add(table, json);

  /** Seals the open batch when it has reached its limits. */
  sealFull(): void {
    if (this.#open.isFull(this.#limits.maxBatchBytes)) this.seal(this.#isShortOfMemory);
  }

  /** Seals the open batch, if it has records; `pack` compresses it. */
  seal(pack: boolean): void {
    if (this.#open.records === 0) return;
    const segment = this.#spool?.seal();
    const batch = this.#open.seal(sdkReport(), pack && !segment?.isComplete, segment);
    this.#waiting.push(batch);
    this.#track(batch);
    if (this.#spool && this.#isShortOfMemory) this.evict();
  }

  /** Removes waiting batches from memory that are complete on disk. */
  evict(): void {
    for (const batch of this.#waiting) {
      if (!batch.segment?.isComplete || batch.segment.id !== batch.id) continue;
      this.#bytes -= batch.body.byteLength;
      batch.body = batchOnDisk(batch.segment).body;
    }
  }

  /** Takes the next waiting batch to send. It counts as unsettled until {@link settle}. */
  next(): Batch | undefined {
    for (let batch = this.#waiting.shift(); batch; batch = this.#waiting.shift()) {
      if (this.#load(batch)) return batch;
      this.settle(batch);
    }
    return undefined;
  }

  /** Puts batches in front of the waiting ones. */
  putBack(batches: readonly Batch[]): void {
    this.#waiting.unshift(...batches);
    for (const batch of batches) this.#track(batch);
  }

  /** A batch was delivered or given up: forgets it, and its records on disk. */
  settle(batch: Batch): void {
    if (!this.unsettled.delete(batch)) return;
    if (batch.segment) this.#spool?.release(batch.segment);
    this.#bytes -= batch.body.byteLength;
    this.#records -= batch.records;
  }

  /** Shows other processes on the same disk that this one runs. */
  heartbeat(): void {
    this.#spool?.heartbeat();
  }

  /** Writes the rest of the spool and closes it. */
  closeSpool(): void {
    this.#spool?.close();
  }

  /** Forgets all batches. Returns the number of their records that stay on disk. */
  clear(): number {
    let spooled = 0;
    for (const batch of this.unsettled) if (batch.segment?.isComplete) spooled += batch.records;
    this.closeSpool();
    this.#waiting = [];
    this.unsettled.clear();
    this.#open = new BatchBuilder();
    this.#bytes = this.#records = 0;
    return spooled;
  }

  get #isShortOfMemory(): boolean {
    return this.bytes > this.#limits.maxQueueBytes / 2;
  }

  /** Loads an evicted batch into memory. False when all of its records are lost. */
  #load(batch: Batch): boolean {
    const { segment } = batch;
    if (batch.body.byteLength > 0 || !segment) return true;
    const { builder, lost: unreadable } = readSegment(segment, this.#warn);
    const lost = Math.min(unreadable, batch.records);
    if (lost > 0) drop('spool-lost', lost);
    this.#records -= lost;
    batch.records -= lost;
    if (!builder) return false;
    batch.body = builder.seal(sdkReport(), false, segment).body;
    this.#bytes += batch.body.byteLength;
    return true;
  }

  #track(batch: Batch): void {
    if (batch.segment) batch.segment.uses += 1;
    this.unsettled.add(batch);
    this.#bytes += batch.body.byteLength;
    this.#records += batch.records;
  }
}
