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
    const columns = contentOf(table);
    const clean = records.map((record) => maskRecord(record, columns, masking));
    if (clean.every((record, at) => record === records[at])) continue;
    masked = { ...(masked ?? batch), [table]: clean };
  }
  return masked ?? batch;
}

function maskRecord(record: object, columns: Content, masking: Masking): object {
  const content = Object.entries(record).filter(
    ([name, value]) => value !== null && columns.has(name),
  );
  if (!mayHoldSecret(JSON.stringify(content), masking)) return record;
  const changed = content.flatMap(([name, value]) => {
    const clean = redactValue(value, masking, name);
    const bounded = clean === value ? value : bound(clean, columns.get(name)?.mark);
    return bounded === value ? [] : [[name, bounded] as const];
  });
  return changed.length === 0 ? record : { ...record, ...Object.fromEntries(changed) };
}

/** A mark may be longer than what it replaces. */
function bound(value: unknown, mark: Column['mark'] | undefined): unknown {
  if (mark === ',') return boundTags(value as string[]);
  if (typeof value !== 'string' || mark === '*') return boundJson(value);
  return mark === '=' ? boundLabel(value) : cutText(value, LIMITS.maxTextBytes);
}
