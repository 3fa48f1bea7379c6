/**
 * The queue of batches: the open batch that collects records, the sealed batches that wait, and those
 * that are being sent. When memory is short, waiting batches are compressed, or, with a spool, evicted:
 * then they are only on disk until they are sent.
 */
import { type Batch, BatchBuilder, batchOnDisk } from '../batch/batch.ts';
import type { Spool } from '../batch/spool.ts';
import { drop, type Report, sdkReport } from '../report/counts.ts';
import type { RecordSink } from '../span/record-sink.ts';

export interface BatchQueue {
  /** Size of the open batch and of all unsettled batches, in bytes. */
  readonly bytes: number;
  /** Records of the open batch and of all unsettled batches. */
  readonly records: number;
  /** Records of unsettled batches that stay on disk when the process ends. */
  readonly spooled: number;
  /** Size of the open batch, in bytes. */
  readonly openBytes: number;
  /** Whether sealed batches wait to be sent. */
  readonly hasWaiting: boolean;
  /** Batches that are not settled: waiting, or being sent. */
  readonly unsettled: ReadonlySet<Batch>;
  /** Takes over the batches that earlier processes left in the spool. */
  recover(): void;
  /** Adds a record to the open batch, and to the spool. */
  readonly add: RecordSink;
  /** Adds a record to the open batch that is in the spool already. */
  readonly addSpooled: RecordSink;
  /** Seals the open batch when it has reached its limits. */
  sealFull(): void;
  /** Seals the open batch, if it has records; `pack` compresses it. */
  seal(pack: boolean): void;
  /** Removes waiting batches from memory that are complete on disk. */
  evict(): void;
  /** Takes the next waiting batch to send. It counts as unsettled until {@link settle}. */
  next(): Batch | undefined;
  /** Puts batches in front of the waiting ones. */
  putBack(batches: readonly Batch[]): void;
  /** A batch was delivered or given up: forgets it, and its records on disk. */
  settle(batch: Batch): void;
  /** Forgets all batches. Returns the number of their records that stay on disk. */
  clear(): number;
}

export interface BatchQueueLimits {
  readonly maxBatchBytes: number;
  readonly maxQueueBytes: number;
}

export function createBatchQueue(
  { maxBatchBytes, maxQueueBytes }: BatchQueueLimits,
  spool: Spool | undefined,
  report: Report,
): BatchQueue {
  const unsettled = new Set<Batch>();
  let open = new BatchBuilder();
  let waiting: Batch[] = [];
  /** Bytes and records of all unsettled batches. */
  let bytes = 0;
  let records = 0;

  const spooled = (): number => {
    let kept = 0;
    for (const batch of unsettled) if (batch.segment?.isComplete) kept += batch.records;
    return kept;
  };

  const isShortOfMemory = (): boolean => open.size + bytes > maxQueueBytes / 2;

  const track = (batch: Batch): void => {
    if (batch.segment) batch.segment.uses += 1;
    unsettled.add(batch);
    bytes += batch.body.byteLength;
    records += batch.records;
  };

  const seal = (pack: boolean): void => {
    if (open.records === 0) return;
    const segment = spool?.seal();
    const batch = open.seal(sdkReport(report), pack && !segment?.isComplete, segment);
    waiting.push(batch);
    track(batch);
    if (spool && isShortOfMemory()) evict();
  };

  const evict = (): void => {
    for (const batch of waiting) {
      if (!batch.segment?.isComplete || batch.segment.id !== batch.id) continue;
      bytes -= batch.body.byteLength;
      batch.body = batchOnDisk(batch.segment).body;
    }
  };

  /** Loads an evicted batch into memory. False when all of its records are lost. */
  const load = (batch: Batch): boolean => {
    const { segment } = batch;
    if (batch.body.byteLength > 0 || !segment) return true;
    const { builder, lost: unreadable } = (spool as Spool).read(segment);
    const lost = Math.min(unreadable, batch.records);
    if (lost > 0) drop(report, 'spool-lost', lost);
    records -= lost;
    batch.records -= lost;
    if (!builder) return false;
    batch.body = builder.seal(sdkReport(report), false, segment).body;
    bytes += batch.body.byteLength;
    return true;
  };

  const settle = (batch: Batch): void => {
    if (!unsettled.delete(batch)) return;
    if (batch.segment) spool?.release(batch.segment);
    bytes -= batch.body.byteLength;
    records -= batch.records;
  };

  return {
    get bytes() {
      return open.size + bytes;
    },
    get records() {
      return open.records + records;
    },
    get spooled() {
      return spooled();
    },
    get openBytes() {
      return open.size;
    },
    get hasWaiting() {
      return waiting.length > 0;
    },
    unsettled,
    recover() {
      for (const segment of spool?.recover() ?? []) {
        const batch = batchOnDisk(segment);
        waiting.push(batch);
        track(batch);
        report.counts.created += batch.records;
      }
    },
    add(table, json) {
      open.add(table, json);
      spool?.add(table, json);
    },
    addSpooled: (table, json) => open.add(table, json),
    sealFull() {
      if (open.isFull(maxBatchBytes)) seal(isShortOfMemory());
    },
    seal,
    evict,
    next() {
      for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
        if (load(batch)) return batch;
        settle(batch);
      }
      return undefined;
    },
    putBack(batches) {
      waiting.unshift(...batches);
      for (const batch of batches) track(batch);
    },
    settle,
    clear() {
      const kept = spooled();
      open = new BatchBuilder();
      waiting = [];
      unsettled.clear();
      bytes = records = 0;
      return kept;
    },
  };
}
