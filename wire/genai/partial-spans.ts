/** Spans that are sent in several messages, each with some of their fields: created, then updated. */
import type { RecordLists } from '../records.ts';
import type { OtelSpan } from './forms/otel-span.ts';
import { toRecords } from './spans.ts';

/** One message about a span. Absent fields are unknown: another message states them, or has stated them. */
export interface PartialSpan {
  readonly span: OtelSpan;
  /** Whether the message says which span is the parent, or that there is none. */
  readonly hasParent: boolean;
  /** Whether the message says what kind of span it is. */
  readonly hasKind: boolean;
}

/** In place of a parent that is not known, so that the span does not count as the root of its trace. */
const UNKNOWN = '?';

/** Converts messages as {@link toRecords} converts spans, and leaves out what they do not say. */
export function toPartialRecords(messages: readonly PartialSpan[]): RecordLists {
  const lists = toRecords(
    messages.map(({ span, hasParent }) =>
      hasParent ? span : { ...span, parent_span_id: UNKNOWN },
    ),
  );
  const keyOf = (trace: string, span: string): string => `${trace}/${span}`;
  const byId = new Map(messages.map((one) => [keyOf(one.span.trace_id, one.span.span_id), one]));
  for (const row of lists.spans) {
    const message = byId.get(keyOf(row.trace_id, row.id));
    if (row.parent_id === UNKNOWN) row.parent_id = null;
    if (row.name === '') row.name = null;
    if (!message?.hasKind && row.kind === 'span') row.kind = null;
  }
  return lists;
}
