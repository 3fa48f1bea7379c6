/** OpenTelemetry spans of any LLM instrumentation, as our six kinds of record. */
import { emptyLists, type RecordLists } from '../records.ts';
import { readSpan } from './dialect.ts';
import { outcomeOf } from './error.ts';
import type { Reading } from './reading.ts';
import { settleRepeats } from './repeats.ts';
import { completionRecords, promptRecords, spanRecord } from './rows.ts';
import type { OtelSpan } from './span.ts';
import { type ReadSpan, toolRecords } from './tools.ts';
import { sessionRecords, traceRecords } from './trace.ts';

/**
 * Converts a batch of spans. Pure, and never throws: a span that no dialect can read is still a
 * span. Batches may be split, repeated and shuffled; their rows merge by key.
 */
export function toRecords(spans: readonly OtelSpan[]): RecordLists {
  const read = spans.map(readGuarded).sort(byStart);
  settleRepeats(read);
  const lists = emptyLists();
  lists.traces = traceRecords(read);
  lists.sessions = sessionRecords(lists.traces);
  for (const each of read) {
    lists.spans.push(spanRecord(each));
    lists.prompts.push(...promptRecords(each));
    lists.completions.push(...completionRecords(each));
  }
  lists.tools = toolRecords(read);
  return lists;
}

function readGuarded(sent: OtelSpan): ReadSpan {
  const span = inOrder(sent);
  let reading: Reading;
  try {
    reading = readSpan(span);
  } catch {
    // A dialect that cannot read its own keys must not cost the span: its attributes are kept.
    reading = { kind: 'span' };
  }
  return { span, reading, outcome: outcomeOf(span, reading.failure) };
}

/** A span cannot end before it starts; clocks of two machines say so sometimes. */
function inOrder(span: OtelSpan): OtelSpan {
  const { started_at, ended_at } = span;
  if (started_at === null || ended_at === null || started_at <= ended_at) return span;
  return { ...span, ended_at: started_at };
}

function byStart({ span: a }: ReadSpan, { span: b }: ReadSpan): number {
  return compare(a.started_at ?? '', b.started_at ?? '') || compare(a.span_id, b.span_id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
