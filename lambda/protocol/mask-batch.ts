/**
 * Masks a batch before it is stored or kept in the overflow: the same table as in the SDK, for records of
 * every client. What the SDK has masked holds nothing more to mask.
 *
 * A value is masked by itself, so a record gets the same content in every batch. Ids, also those of users,
 * times, counts and statuses stay as they are.
 */
import { COLUMNS, type Column, type Columns, isContent, parseColumns } from '../../wire/columns.ts';
import { LIMITS, TABLES } from '../../wire/protocol.ts';
import type { Batch, RecordLists } from '../../wire/records.ts';
import { isIdName, redactValue } from '../../wire/redaction/field-values.ts';
import { mayHoldSecret } from '../../wire/redaction/prefilter.ts';
import type { Masking } from '../../wire/redaction/redact-text.ts';
import { cutText } from '../../wire/text.ts';
import { boundJson } from '../validation/bound-json.ts';
import { boundLabel, boundTags } from '../validation/labels.ts';
import { ContentText } from './content-text.ts';

let parsed: Columns | undefined;

/** The columns of a table that hold what programs and models wrote. */
function contentOf(table: keyof RecordLists): Content {
  parsed ??= parseColumns(COLUMNS);
  const columns = [...(parsed.get(table) ?? [])];
  return new Map(columns.filter(([name, { mark }]) => isContent(mark) && !isIdName(name)));
}

type Content = ReadonlyMap<string, Column>;

/** The batch with secrets replaced by marks; the same batch if it holds none. */
export function maskBatch(batch: Batch, masking: Masking): Batch {
  if (!masking.secrets && masking.personal.length === 0) return batch;
  let masked: Batch | undefined;
  for (const table of TABLES) {
    const records: readonly object[] = batch[table] ?? [];
    const clean = maskRecords(records, contentOf(table), masking);
    if (clean !== records) masked = { ...(masked ?? batch), [table]: clean };
  }
  return masked ?? batch;
}

/** Texts of records are searched together up to this size, in UTF-16 units. */
const GROUP_UNITS = 65_536;

function maskRecords(
  records: readonly object[],
  columns: Content,
  masking: Masking,
): readonly object[] {
  const clean: object[] = [];
  let group = new ContentText();
  let from = 0;
  for (let to = 1; to <= records.length; to++) {
    const record = records[to - 1] as Readonly<Record<string, unknown>>;
    for (const name of columns.keys()) group.add(name, record[name]);
    if (group.units < GROUP_UNITS && to < records.length) continue;
    const isSuspect = group.isNamed || mayHoldSecret(group.text, masking);
    for (const one of records.slice(from, to)) {
      clean.push(isSuspect ? maskRecord(one, columns, masking) : one);
    }
    group = new ContentText();
    from = to;
  }
  return clean.some((record, at) => record !== records[at]) ? clean : records;
}

function maskRecord(record: object, columns: Content, masking: Masking): object {
  const changed = Object.entries(record).flatMap(([name, value]) => {
    const column = columns.get(name);
    if (!column) return [];
    const text = new ContentText();
    text.add(name, value);
    if (!(text.isNamed || mayHoldSecret(text.text, masking))) return [];
    const clean = redactValue(value, masking, name);
    return clean === value ? [] : [[name, bound(clean, column.mark)] as const];
  });
  return changed.length === 0 ? record : { ...record, ...Object.fromEntries(changed) };
}

/** A mark may be longer than what it replaces. */
function bound(value: unknown, mark: Column['mark'] | undefined): unknown {
  if (mark === ',') return boundTags(value as string[]);
  if (typeof value !== 'string' || mark === '*') return boundJson(value);
  return mark === '=' ? boundLabel(value) : cutText(value, LIMITS.maxTextBytes);
}
