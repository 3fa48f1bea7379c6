/** Unknown → accepted records, and rejected ones with reasons. Everything is checked here, once. */
import { RECORD_KINDS, type RecordKind, UUID_PATTERN } from '../../wire/protocol.ts';
import { type Batch, type FieldType, RECORDS, type SdkReport } from '../../wire/records.ts';
import { isObject, type UnknownObject } from '../../wire/values.ts';
import { HttpError, malformed, tooLarge } from '../http/http-error.ts';
import { type Check, Fault, keyField, optionalField } from './fields.ts';
import type { Rejections } from './rejections.ts';

const ID = keyField('id');
type Members = UnknownObject;

/** The checks of each kind, from the table of fields; unknown fields are dropped. */
const CHECKS = Object.fromEntries(RECORD_KINDS.map((kind) => [kind, checksOf(kind)])) as Record<
  RecordKind,
  readonly FieldCheck[]
>;

interface FieldCheck {
  readonly name: string;
  readonly check: Check;
}

function checksOf(kind: RecordKind): readonly FieldCheck[] {
  const { fields, key } = RECORDS[kind];
  const isKey = new Set<string>(key);
  return Object.entries(fields).map(([name, type]: [string, FieldType]) => ({
    name,
    check: isKey.has(name) ? keyField(type) : optionalField(type),
  }));
}

/**
 * Checks a batch as it came out of a decoder. What is wrong with single records goes to
 * `rejections`; a batch that is no batch is refused whole.
 */
export function validateBatch(
  value: unknown,
  maxRecords: number,
  rejections: Rejections,
): Batch | HttpError {
  if (!isObject(value)) return malformed('The body must be a JSON object.');
  if (typeof value.batch_id !== 'string' || !UUID_PATTERN.test(value.batch_id)) {
    return malformed('batch_id must be a UUID.');
  }
  const sdk = validateReport(value.sdk);
  if (sdk instanceof HttpError) return sdk;
  const lists = listsOf(value, maxRecords);
  if (lists instanceof HttpError) return lists;
  const batch: Batch = { batch_id: value.batch_id.toLowerCase(), sdk };
  for (const [kind, records] of lists) {
    Object.assign(batch, { [RECORDS[kind].table]: validateList(kind, records, rejections) });
  }
  return batch;
}

/** The lists that a batch has, each known to be one, and all together within the limit. */
function listsOf(
  batch: Members,
  maxRecords: number,
): [RecordKind, readonly unknown[]][] | HttpError {
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
  const checks = CHECKS[kind];
  const { table } = RECORDS[kind];
  const accepted: unknown[] = [];
  for (let i = 0; i < records.length; i++) {
    const record = records[i];
    if (!isObject(record)) {
      rejections.add({ kind, id: `${table}[${i}]`, field: '', reason: 'must be an object' });
      continue;
    }
    const checked = checkRecord(checks, record);
    if (checked.fault === null) accepted.push(checked.record);
    else {
      rejections.add({
        kind,
        id: nameOf(kind, record, `${table}[${i}]`),
        field: checked.field,
        reason: checked.fault.reason,
      });
    }
  }
  return accepted;
}

/** The record as it is stored, or the first field at fault. */
function checkRecord(
  checks: readonly FieldCheck[],
  record: Members,
): { fault: null; record: Members } | { fault: Fault; field: string } {
  const result: { [name: string]: unknown } = {};
  for (const { name, check } of checks) {
    const checked = check(record[name]);
    if (checked === undefined) continue;
    if (checked instanceof Fault) return { fault: checked, field: name };
    result[name] = checked;
  }
  return { fault: null, record: result };
}

/** The record's own id, where that is fit to be shown, else its place. */
function nameOf(kind: RecordKind, record: Members, place: string): string {
  const { key } = RECORDS[kind];
  const id = ID(record[(key as readonly string[]).at(-1) ?? '']);
  return typeof id === 'string' ? id : place;
}

const REPORT_FIELDS: readonly (readonly [name: keyof SdkReport, check: Check])[] = [
  ['name', keyField('label')],
  ['version', keyField('label')],
  ['process_id', keyField('id')],
  ['created', keyField('count')],
  ['sent', keyField('count')],
  ['dropped', keyField('count')],
];

/** The report; null when there is none, as from curl and from importers. */
export function validateReport(value: unknown): SdkReport | null | HttpError {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) return malformed('sdk must be an object.');
  const report: { [name: string]: unknown } = {};
  for (const [name, check] of REPORT_FIELDS) {
    const checked = check((value as { [name: string]: unknown })[name]);
    if (checked instanceof Fault) return malformed(`sdk.${name} ${checked.reason}.`);
    report[name] = checked;
  }
  return report as unknown as SdkReport;
}
