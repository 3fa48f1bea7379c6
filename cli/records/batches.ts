/**
 * Groups records into batches with content-derived ids: the server recognises a repeated batch by its
 * receipt and does nothing.
 *
 * Batch boundaries are content-defined: they fall between traces, where a hash of the trace id says
 * so. A record that is added to the file later changes its own batch and hardly any other.
 */
import { createHash } from 'node:crypto';
import { LIMITS, type RecordKind } from '../../wire/protocol.ts';
import { RECORDS, type TableName } from '../../wire/records.ts';
import type { WireRecord } from './wire-record.ts';

export interface PushBatch {
  readonly id: string;
  readonly records: readonly WireRecord[];
  /** The JSON body. */
  readonly body: string;
}

/** UTF-16 code units of JSON in a batch; each is at most three bytes in UTF-8. */
const MAX_UNITS = 1_000_000;
const MIN_UNITS = 250_000;
/** On average, one trace in this many may end a batch of at least `MIN_UNITS`. */
const CUT_EVERY = 16;

export async function* toBatches(
  records: AsyncIterable<WireRecord> | Iterable<WireRecord>,
): AsyncGenerator<PushBatch> {
  let held: WireRecord[] = [];
  let units = 0;
  let last: WireRecord | undefined;
  for await (const record of records) {
    const isOver =
      units + record.json.length > MAX_UNITS || held.length >= LIMITS.maxRecordsPerBatch;
    if (held.length > 0 && last && (isOver || isCut(last, record, units))) {
      yield batchOf(held);
      held = [];
      units = 0;
    }
    held.push(record);
    units += record.json.length + 1;
    last = record;
  }
  if (held.length > 0) yield batchOf(held);
}

function isCut(last: WireRecord, next: WireRecord, units: number): boolean {
  if (last.traceId === next.traceId) return false;
  if (last.traceId === null || next.traceId === null) return true;
  return units >= MIN_UNITS && digest(last.traceId).readUInt32BE(0) % CUT_EVERY === 0;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A batch of these records. */
export function batchOf(records: readonly WireRecord[]): PushBatch {
  const lists = new Map<TableName, string[]>();
  for (const { kind, json } of records) {
    const { table } = RECORDS[kind];
    const list = lists.get(table);
    if (list) list.push(json);
    else lists.set(table, [json]);
  }
  const text = [...lists].map(([table, list]) => `"${table}":[${list.join()}]`).join();
  const id = uuidOf(digest(text));
  return { id, records, body: `{"batch_id":"${id}",${text}}` };
}

/** Two batches with half of the records each, after a 413; empty for a single record. */
export function halve({ records }: PushBatch): PushBatch[] {
  if (records.length < 2) return [];
  const middle = Math.ceil(records.length / 2);
  return [batchOf(records.slice(0, middle)), batchOf(records.slice(middle))];
}

/** A UUID of version 8 (RFC 9562), whose bits are application-defined. */
function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  const variant = ((bytes.readUInt8(8) & 0x3f) | 0x80).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(18, 20),
    hex.slice(20, 32),
  ].join('-');
}

/** The kinds with a field `mode`. */
const WITH_MODE = new Set<RecordKind>(['session', 'trace', 'span']);

/** Adds the mode to a record that has none: mode `local` writes none, the server requires one. */
export function withMode(record: WireRecord, mode: 'dev' | 'prod'): WireRecord {
  if (!WITH_MODE.has(record.kind)) return record;
  const { mode: given } = JSON.parse(record.json) as { mode?: unknown };
  if (given !== undefined && given !== null) return record;
  return { ...record, json: `${record.json.slice(0, -1)},"mode":"${mode}"}` };
}
