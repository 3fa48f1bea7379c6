/** A batch: records as one JSON body, with an id that stays the same when it is sent again. */

import { LIMITS, TABLES } from '../../wire/protocol.ts';
import type { SdkReport, TableName } from '../../wire/records.ts';
import { type Coding, codings, compressSync, decompress } from '../platform/compression.ts';
import { uuidV7 } from '../platform/ids.ts';
import { writeJson } from '../platform/json.ts';
import { utf8Encoder, utf8Text } from '../platform/utf8.ts';
import { RecordList } from './record-buffer.ts';

/** A file of the spool, which holds the records of one batch. */
export interface Segment {
  readonly id: string;
  readonly file: string;
  records: number;
  bytes: number;
  /** Whether all records of the batch were written to the file. */
  isComplete: boolean;
  /** Unsettled batches whose records are in the file; several after a batch was split. */
  uses: number;
}

/** A sealed batch, which waits or is being sent. */
export interface Batch {
  readonly id: string;
  records: number;
  /** The JSON body in UTF-8, or compressed; empty while the batch is only on disk. */
  body: Uint8Array;
  /** How the body is compressed; null if it is not. */
  readonly coding: Coding | null;
  /** The file of its records, if they are on disk. */
  readonly segment: Segment | undefined;
}

/** Collects records and seals them into a batch. */
export class BatchBuilder {
  records = 0;
  /** Size of the records' JSON text in UTF-16 units. */
  size = 0;
  readonly #lists = Object.fromEntries(TABLES.map((table) => [table, new RecordList()])) as Record<
    TableName,
    RecordList
  >;

  add(table: TableName, json: string): void {
    this.#lists[table].add(json);
    this.records += 1;
    this.size += json.length + 1;
  }

  isFull(maxBatchBytes: number): boolean {
    return this.size >= maxBatchBytes || this.records >= LIMITS.maxRecordsPerBatch;
  }

  /** Seals the collected records into a batch and empties the builder; `pack` compresses the body. */
  seal(report: SdkReport, pack: boolean, segment?: Segment): Batch {
    const id = segment?.id ?? uuidV7(Date.now());
    const parts = [encode(`{"batch_id":"${id}","sdk":${writeJson(report)}`)];
    for (const table of TABLES) {
      const list = this.#lists[table].bytes();
      if (list.byteLength > 0) parts.push(encode(`,"${table}":[`), list, encode(']'));
    }
    parts.push(encode('}'));
    const body = concat(parts);
    const coding = pack ? (codings()[0] ?? null) : null;
    const packed = coding ? compressSync(body, coding) : undefined;
    const { records } = this;
    for (const table of TABLES) this.#lists[table].clear();
    this.records = this.size = 0;
    return { id, records, body: packed ?? body, coding: packed ? coding : null, segment };
  }
}

/** A batch whose records are only on disk. */
export const batchOnDisk = (segment: Segment): Batch => ({
  id: segment.id,
  records: segment.records,
  body: NOTHING,
  coding: null,
  segment,
});

const NOTHING = new Uint8Array(0);

/** The JSON text of a batch. */
export const textOfBatch = (batch: Batch): string => utf8Text(bodyOf(batch));

/** The JSON body of a batch in UTF-8. */
export const bodyOf = ({ body, coding }: Batch): Uint8Array =>
  (coding ? decompress(body, coding) : body) ?? NOTHING;

/**
 * Splits a batch into two of about half the size, with new ids. Empty for a batch of one record, which
 * cannot be split.
 */
export function halve(batch: Batch, report: SdkReport): Batch[] {
  if (batch.records < 2) return [];
  const lists = JSON.parse(textOfBatch(batch)) as Partial<Record<TableName, unknown[]>>;
  const halves = [new BatchBuilder(), new BatchBuilder()] as const;
  for (const table of TABLES) {
    for (const record of lists[table] ?? []) {
      const half = halves[0].records * 2 < batch.records ? halves[0] : halves[1];
      half.add(table, writeJson(record));
    }
  }
  return halves.map((half) => ({
    ...half.seal(report, batch.coding !== null),
    segment: batch.segment,
  }));
}

const encode = (text: string): Uint8Array => utf8Encoder().encode(text);

function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (typeof Buffer === 'function') return Buffer.concat(parts);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
