/** OpenTelemetry spans of any LLM instrumentation, as the six kinds of record. */
import { emptyLists, type RecordLists } from '../records.ts';
import type { OtelSpan } from './forms/otel-span.ts';
import type { ModelCall } from './provider/model.ts';
import { readSpan, readTraceFacts, type SpanReading } from './reader/read-span.ts';
import { outcomeOf } from './rows/outcome.ts';
import { completionRecords, promptRecords, spanRecord } from './rows/span-rows.ts';
import { type ParsedItem, toolRecords } from './rows/tool-rows.ts';
import { sessionRecords, traceRecords } from './rows/trace-rows.ts';
import { allSources, type SourceIndex } from './sources/source-index.ts';

/**
 * Most messages, parts and calls of one batch, some hundred times those of an exporter's full batch. An
 * empty object in a list takes three bytes on the wire, and hundreds in rows.
 */
export const MAX_PIECES = 300_000;

/**
 * Converts a batch of spans. Pure, and never throws: a span that cannot be read is stored as a
 * plain span. Each span is read alone, so batches may be split, repeated and shuffled: their rows merge
 * by key, and the database decides which spans report one call, and which tool ran for which call.
 *
 * @param sources where producers put values; tests leave some out
 */
export function toRecords(
  spans: readonly OtelSpan[],
  sources: SourceIndex = allSources(),
): RecordLists {
  let pieces = 0;
  const read = spans.map((span) => {
    // Content beyond the limit is not parsed and stays in the attributes.
    const each = pieces > MAX_PIECES ? readAsSpan(span) : readGuarded(span, sources);
    if (each.parsed.call !== undefined) pieces += piecesOf(each.parsed.call);
    return each;
  });
  read.sort(byStart);
  const lists = emptyLists();
  lists.traces = traceRecords(read);
  lists.sessions = sessionRecords(lists.traces);
  for (const each of read) {
    lists.spans.push(spanRecord(each));
    for (const prompt of promptRecords(each)) lists.prompts.push(prompt);
    for (const completion of completionRecords(each)) lists.completions.push(completion);
    for (const tool of toolRecords(each)) lists.tools.push(tool);
  }
  return lists;
}

function readGuarded(sent: OtelSpan, sources: SourceIndex): ParsedItem {
  const span = inOrder(sent);
  let parsed: SpanReading;
  try {
    parsed = readSpan(span, sources);
  } catch {
    // A value that cannot be read must not lose the span: its attributes are kept.
    return readAsSpan(sent);
  }
  return { span, parsed, outcome: outcomeOf(span, parsed.failure) };
}

function readAsSpan(sent: OtelSpan): ParsedItem {
  const span = inOrder(sent);
  return { span, parsed: readTraceFacts(span), outcome: outcomeOf(span, undefined) };
}

function piecesOf({ prompts, choices }: ModelCall): number {
  let pieces = prompts.length + choices.length;
  for (const { parts, calls } of prompts) pieces += calls.length + (parts?.length ?? 0);
  for (const { parts, calls } of choices) pieces += calls.length + (parts?.length ?? 0);
  return pieces;
}

/** A span cannot end before it starts, but the clocks of two machines may disagree. */
function inOrder(span: OtelSpan): OtelSpan {
  const { started_at, ended_at } = span;
  if (started_at === null || ended_at === null || started_at <= ended_at) return span;
  return { ...span, ended_at: started_at };
}

function byStart({ span: a }: ParsedItem, { span: b }: ParsedItem): number {
  return compare(a.started_at ?? '', b.started_at ?? '') || compare(a.span_id, b.span_id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
