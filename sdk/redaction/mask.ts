/** Custom masking: applies the user's `mask` to each value of a record. */

import {
  COLUMNS,
  type ColumnMark,
  type Columns,
  isContent,
  parseColumns,
} from '../../wire/columns.ts';
import type { TableName } from '../../wire/records.ts';
import { isId } from '../../wire/values.ts';
import { hash53 } from '../platform/hash.ts';
import { isList, isText } from '../platform/values.ts';
import { fieldsOf } from '../serialize/json-text.ts';
import { quoteLabel, quoteText, snapshot } from '../serialize/snapshot.ts';

/**
 * Which value a {@link Mask} receives.
 *
 * @example
 * const mask: Mask = (value, { kind, field }) =>
 *   kind === 'prompt' && field === 'content' ? '[hidden]' : value;
 */
export interface MaskContext {
  /** The record kind. */
  readonly kind: 'session' | 'trace' | 'span' | 'prompt' | 'completion' | 'tool';
  /** The column of the record's table, such as `input` or `content`. */
  readonly field: string;
}

/**
 * Changes or removes values before they are sent or stored: the option `mask` of `init`.
 *
 * It is called once per value, after secrets were redacted. It must be synchronous. When it throws,
 * the value is replaced by `[masked: mask failed]`, and `status().maskFailed` counts it.
 *
 * @param value The value as plain JSON data.
 * @param context Record kind and column of the value.
 * @returns The value to record: the same value, any other value, or null to record nothing. Columns
 *   that hold text store the JSON text of other values.
 *
 * @example
 * init({ mask: (value, { field }) => (field === 'user_id' ? hash(value) : value) });
 */
export type Mask = (value: unknown, context: MaskContext) => unknown;

/** A session id comes from the host program, and joins the records of a session. */
const isSessionId = (table: string, field: string): boolean =>
  field === 'session_id' || (table === 'sessions' && field === 'id');

let parsed: Columns | undefined;

/** The mark of a column; an unknown one counts as JSON, which is content. */
function markOf(table: string, field: string): ColumnMark {
  parsed ??= parseColumns(COLUMNS);
  return parsed.get(table)?.get(field)?.mark ?? '*';
}

/** A record that could not be scanned, without any value that came from the host program. */
export function withoutContent(table: TableName, json: string): string {
  const kept = fieldsOf(json).filter(
    ([field]) => !isContent(markOf(table, field)) && field !== 'session_id',
  );
  return `{${kept.map(([field, value]) => `"${field}":${value}`).join()}}`;
}

const FAILED = '"[masked: mask failed]"';

/** The JSON text of a record with the mask applied. `onFailure` is called when the mask throws. */
export function maskRecord(
  table: TableName,
  json: string,
  mask: Mask,
  onFailure: () => void,
): string {
  const kind = table.slice(0, -1) as MaskContext['kind'];
  const fields = fieldsOf(json).map(([field, value]) => {
    const isSession = isSessionId(table, field);
    const mark = markOf(table, field);
    let masked: string | null = value;
    try {
      if (isSession) masked = maskSession(value, mask);
      else if (isContent(mark)) masked = maskValue(value, mark, mask, { kind, field });
    } catch {
      onFailure();
      masked = isSession ? substitute(value) : mark === ',' ? `[${FAILED}]` : FAILED;
    }
    return masked === null ? '' : `"${field}":${masked}`;
  });
  return `{${fields.filter(Boolean).join()}}`;
}

function maskValue(
  json: string,
  mark: ColumnMark,
  mask: Mask,
  context: MaskContext,
): string | null {
  const value: unknown = JSON.parse(json);
  // An unchanged value keeps its JSON text, because large numbers lose digits when they are parsed.
  const before = JSON.stringify(value);
  const masked = mask(value, context);
  if (masked === null || masked === undefined) return null;
  if (mark === ',') {
    const isTags = isList(masked) && masked.every((tag) => isText(tag));
    return isTags ? snapshot(masked) : `[${FAILED}]`;
  }
  const after = snapshot(masked);
  if (after === before) return json;
  if (mark === '*') return after;
  const text = isText(masked) ? masked : (after ?? '');
  return mark === '~' ? quoteText(text) : quoteLabel(text);
}

/** A masked session id is still a valid id, and the same in all records, so that they stay joined. */
function maskSession(json: string, mask: Mask): string {
  const masked = mask(JSON.parse(json), { kind: 'session', field: 'id' });
  return isText(masked) && isId(masked) ? quoteLabel(masked) : substitute(json);
}

const substitute = (json: string): string => `"masked-${hash53(json)}"`;
