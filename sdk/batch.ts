/** A batch: records as one JSON body, with an id that it keeps however often it is sent. */
import { LIMITS, RECORD_KINDS } from '../wire/protocol.ts';
import { RECORDS, type SdkReport, type TableName } from '../wire/records.ts';
import { byteLength } from '../wire/text.ts';
import { uuidV7 } from './ids.ts';
import { builtin } from './platform.ts';

/** The tables in write order. */
export const TABLES: readonly TableName[] = RECORD_KINDS.map((kind) => RECORDS[kind].table);

/** A sealed batch, waiting or on its way. */
export interface Batch {
  readonly id: string;
  readonly records: number;
  /** What it weighs in memory. */
  readonly bytes: number;
  /** JSON text, or the gzip of it when memory was short. */
  readonly body: string | Uint8Array;
}

/** Collects records until they are a batch. */
export class BatchBuilder {
  records = 0;
  /** UTF-16 units of the records' JSON text. */
  size = 0;
  private readonly lists: Record<TableName, string[]> = emptyTexts();

  add(table: TableName, json: string): void {
    this.lists[table].push(json);
    this.records += 1;
    this.size += json.length + 1;
  }

  isFull(maxBatchBytes: number): boolean {
    return this.size >= maxBatchBytes || this.records >= LIMITS.maxRecordsPerBatch;
  }

  /** The batch; `pack` compresses it at once, for the time when memory is short. */
  seal(report: SdkReport, pack: boolean): Batch {
    const id = uuidV7(Date.now());
    let body = `{"batch_id":"${id}","sdk":${JSON.stringify(report)}`;
    for (const table of TABLES) {
      if (this.lists[table].length > 0) body += `,"${table}":[${this.lists[table].join()}]`;
    }
    body += '}';
    const zlib = pack ? builtin('node:zlib') : undefined;
    if (zlib === undefined) return { id, records: this.records, bytes: byteLength(body), body };
    const packed = zlib.gzipSync(body, { level: 1 });
    return { id, records: this.records, bytes: packed.byteLength, body: packed };
  }
}

/**
 * The records of a batch as two batches of about half the size each, under ids of their own; empty
 * when it holds one record, which cannot be divided.
 */
export function halve(batch: Batch, report: SdkReport): Batch[] {
  if (batch.records < 2) return [];
  const text =
    typeof batch.body === 'string'
      ? batch.body
      : (builtin('node:zlib')?.gunzipSync(batch.body).toString() ?? '{}');
  const lists = JSON.parse(text) as Partial<Record<TableName, unknown[]>>;
  const halves = [new BatchBuilder(), new BatchBuilder()] as const;
  for (const table of TABLES) {
    for (const record of lists[table] ?? []) {
      const half = halves[0].records * 2 < batch.records ? halves[0] : halves[1];
      half.add(table, JSON.stringify(record));
    }
  }
  const pack = typeof batch.body !== 'string';
  return halves.map((half) => half.seal(report, pack));
}

function emptyTexts(): Record<TableName, string[]> {
  return { sessions: [], traces: [], spans: [], prompts: [], completions: [], tools: [] };
}
