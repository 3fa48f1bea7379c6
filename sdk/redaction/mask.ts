/** The program's own mask: what it makes of each value of a record, just before the record leaves. */

import type { TableName } from '../../wire/records.ts';
import { hash53 } from '../platform/hash.ts';
import { isUsableId } from '../platform/ids.ts';
import { isList, isText } from '../platform/values.ts';
import { fieldsOf } from '../serialize/json-text.ts';
import { quoteLabel, quoteText, snapshot } from '../serialize/snapshot.ts';

/** Which value a mask is given. */
export interface MaskContext {
  /** The kind of record: `trace`, `span`, `prompt`, `completion`, `tool` or `session`. */
  readonly kind: 'session' | 'trace' | 'span' | 'prompt' | 'completion' | 'tool';
  /** The column, such as `input` or `content`. */
  readonly field: string;
}

/**
 * Changes values before they leave. Returns what is to be recorded instead: the value itself, anything
 * else that can be captured, or null for nothing. It must answer at once; a promise is not waited for.
 */
export type Mask = (value: unknown, context: MaskContext) => unknown;

/** Minted by us or by a provider, counted, timed, or one of a few words. */
const KEPT =
  /_at$|_tokens$|_index$|_ms$|^(?:id|trace_id|span_id|parent_id|run_span_id|tool_call_id|response_id|mode|status|kind)$/;

/** Columns that hold text and nothing else. */
const TEXTS = /^(?:name|user_id|service_name|release|role|content|finish_reason|model|provider)$/;

/** A record that could not be looked at, without anything that came from the program. */
export function withoutContent(json: string): string {
  const kept = fieldsOf(json).filter(([field]) => KEPT.test(field));
  return `{${kept.map(([field, value]) => `"${field}":${value}`).join()}}`;
}

const FAILED = '"[masked: mask failed]"';

/** The JSON text of a record as the mask wants it. What it throws at is hidden, and told of. */
export function maskRecord(
  table: TableName,
  json: string,
  mask: Mask,
  onFailure: () => void,
): string {
  const kind = table.slice(0, -1) as MaskContext['kind'];
  const fields = fieldsOf(json).map(([field, value]) => {
    const isSession = field === 'session_id' || (kind === 'session' && field === 'id');
    let masked: string | null = value;
    try {
      if (isSession) masked = maskSession(value, mask);
      else if (!KEPT.test(field)) masked = maskValue(value, mask, { kind, field });
    } catch {
      onFailure();
      masked = field === 'tags' ? `[${FAILED}]` : isSession ? substitute(value) : FAILED;
    }
    return masked === null ? '' : `"${field}":${masked}`;
  });
  return `{${fields.filter(Boolean).join()}}`;
}

function maskValue(json: string, mask: Mask, context: MaskContext): string | null {
  const value: unknown = JSON.parse(json);
  // What is left as it was keeps its very bytes; numbers lose digits when they are read.
  const before = JSON.stringify(value);
  const masked = mask(value, context);
  if (masked === null || masked === undefined) return null;
  if (context.field === 'tags') {
    const isTags = isList(masked) && masked.every((tag) => isText(tag));
    return isTags ? snapshot(masked) : `[${FAILED}]`;
  }
  const after = snapshot(masked);
  if (after === before) return json;
  if (!TEXTS.test(context.field)) return after;
  const text = isText(masked) ? masked : (after ?? '');
  return context.field === 'content' ? quoteText(text) : quoteLabel(text);
}

/** An id stays an id, the same wherever it stands, or rows would fall apart. */
function maskSession(json: string, mask: Mask): string {
  const masked = mask(JSON.parse(json), { kind: 'session', field: 'id' });
  return isText(masked) && isUsableId(masked) ? quoteLabel(masked) : substitute(json);
}

const substitute = (json: string): string => `"masked-${hash53(json)}"`;
