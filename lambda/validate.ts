/** Unknown → accepted records, and rejected ones with reasons. Everything is checked here, once. */
import * as z from 'zod/mini';
import { type $ZodObject, $ZodObjectJIT } from 'zod/v4/core';
import { RECORD_KINDS, type RecordKind } from '../wire/protocol.ts';
import { type Batch, type FieldType, RECORDS } from '../wire/records.ts';
import { keyField, optionalField } from './fields.ts';
import { malformed, Refusal, tooLarge } from './refusal.ts';
import type { Rejections } from './rejections.ts';
import { validateReport } from './validate-report.ts';

const ID = keyField('id');
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Members = Readonly<Record<string, unknown>>;

/** One schema per kind, from the table of fields; unknown fields are dropped. */
const SCHEMAS = Object.fromEntries(RECORD_KINDS.map((kind) => [kind, schemaOf(kind)])) as Record<
  RecordKind,
  $ZodObject
>;

function schemaOf(kind: RecordKind): $ZodObject {
  const { fields, key } = RECORDS[kind];
  const isKey = new Set<string>(key);
  const shape = Object.fromEntries(
    Object.entries(fields).map(([name, type]: [string, FieldType]) => [
      name,
      isKey.has(name) ? keyField(type) : optionalField(type),
    ]),
  );
  // What z.object() of full zod makes; mini's own is not compiled and takes twice the time.
  return new $ZodObjectJIT({ type: 'object', shape });
}

/**
 * Checks a batch as it came out of a decoder. What is wrong with single records goes to
 * `rejections`; a batch that is no batch is refused whole.
 */
export function validateBatch(
  value: unknown,
  maxRecords: number,
  rejections: Rejections,
): Batch | Refusal {
  if (!isObject(value)) return malformed('The body must be a JSON object.');
  if (typeof value.batch_id !== 'string' || !UUID.test(value.batch_id)) {
    return malformed('batch_id must be a UUID.');
  }
  const sdk = validateReport(value.sdk);
  if (sdk instanceof Refusal) return sdk;
  const lists = listsOf(value, maxRecords);
  if (lists instanceof Refusal) return lists;
  const batch: Batch = { batch_id: value.batch_id.toLowerCase(), sdk };
  for (const [kind, records] of lists) {
    Object.assign(batch, { [RECORDS[kind].table]: validateList(kind, records, rejections) });
  }
  return batch;
}

/** The lists that a batch has, each known to be one, and all together within the limit. */
function listsOf(batch: Members, maxRecords: number): [RecordKind, readonly unknown[]][] | Refusal {
  const lists: [RecordKind, readonly unknown[]][] = [];
  let total = 0;
  for (const kind of RECORD_KINDS) {
    const { table } = RECORDS[kind];
    const list = batch[table] ?? [];
    if (!Array.isArray(list)) return malformed(`${table} must be a list.`);
    total += list.length;
    if (list.length > 0) lists.push([kind, list]);
  }
  return total > maxRecords ? tooLarge(`A batch may hold ${maxRecords} records.`) : lists;
}

function validateList(
  kind: RecordKind,
  records: readonly unknown[],
  rejections: Rejections,
): unknown[] {
  const schema = SCHEMAS[kind];
  const { table } = RECORDS[kind];
  const accepted: unknown[] = [];
  for (let i = 0; i < records.length; i++) {
    const record = records[i];
    if (!isObject(record)) {
      rejections.add({ kind, id: `${table}[${i}]`, field: '', reason: 'must be an object' });
      continue;
    }
    const result = z.safeParse(schema, record);
    if (result.success) {
      accepted.push(result.data);
      continue;
    }
    const issue = result.error.issues[0];
    rejections.add({
      kind,
      id: nameOf(kind, record, `${table}[${i}]`),
      field: issue?.path.join('.') ?? '',
      reason: issue?.message ?? 'is not valid',
    });
  }
  return accepted;
}

/** The record's own id, where that is fit to be shown, else its place. */
function nameOf(kind: RecordKind, record: Members, place: string): string {
  const { key } = RECORDS[kind];
  const id = z.safeParse(ID, record[(key as readonly string[]).at(-1) ?? '']);
  return id.success && typeof id.data === 'string' ? id.data : place;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
