/** The bodies of the original Python SDK, except spans, as records. They are validated afterwards. */
import { hash } from 'node:crypto';
import { pythonUsage } from '../../wire/genai/index.ts';
import { canonical, parseJsonText, parseJsonTextOrNull, textOf } from '../../wire/json.ts';
import type { JsonObject, JsonValue, RecordLists } from '../../wire/records.ts';
import { isObject } from '../../wire/values.ts';
import { timestampFromNanos } from '../validation/timestamp.ts';

/**
 * A record before validation. Values of a wrong type pass through unchanged, so that the validator
 * rejects them with the reason.
 */
type Unchecked<Row> = { [F in keyof Row]: unknown };

/** Records of one kind that have not been validated. */
export function uncheckedList<Table extends keyof RecordLists>(
  table: Table,
  rows: readonly Unchecked<RecordLists[Table][number]>[],
): Partial<RecordLists> {
  return { [table]: rows } as Partial<RecordLists>;
}

/** The same for one record. */
export function unchecked<Table extends keyof RecordLists>(
  table: Table,
  row: Unchecked<RecordLists[Table][number]>,
): Partial<RecordLists> {
  return uncheckedList(table, [row]);
}

/** Sent again by every traced call; the latest one has the name of the session. */
export function readSession(data: JsonObject): Partial<RecordLists> {
  const at = timeOf(data.started_at);
  return unchecked('sessions', {
    id: data.id,
    name: data.session_name,
    user_id: data.user_id,
    metadata: metadataOf(data.metadata),
    mode: modeOf(data.mode),
    started_at: at,
    // The SDK reports no end; each of these requests shows that the session was still active.
    ended_at: at,
  });
}

export function readTrace(data: JsonObject): Partial<RecordLists> {
  return unchecked('traces', {
    id: data.id,
    session_id: idOrNull(data.session_id),
    name: data.name,
    mode: modeOf(data.mode),
    started_at: timeOf(data.started_at),
    ended_at: timeOf(data.ended_at),
    metadata: metadataOf(data.metadata),
  });
}

/**
 * `{id, total_tokens}`: the SDK adds up the spans of one export, in which every ancestor repeats the
 * tokens of its children, and overwrites the sum with each export. Here totals are sums over the stored
 * completions, kept by the database, so the number is ignored; the request only states that the trace
 * exists.
 */
export function readTraceUpdate(data: JsonObject): Partial<RecordLists> {
  return unchecked('traces', { id: data.id });
}

export function readPrompt(data: JsonObject): Partial<RecordLists> {
  return unchecked('prompts', {
    trace_id: waitingTrace(data.span_id),
    span_id: data.span_id,
    message_index: data.message_index,
    role: data.role,
    content: textOf(data.content),
  });
}

/** The SDK sends no index, and only the first choice. */
export function readCompletion(data: JsonObject): Partial<RecordLists> {
  const usage = pythonUsage(data);
  return unchecked('completions', {
    trace_id: waitingTrace(data.span_id),
    span_id: data.span_id,
    completion_index: 0,
    role: data.role,
    content: textOf(data.content),
    finish_reason: data.finish_reason,
    prompt_tokens: usage.prompt,
    completion_tokens: usage.completion,
    total_tokens: usage.total,
  });
}

export function readTool(data: JsonObject): Partial<RecordLists> {
  const { span_id, name } = data;
  const args = parseJsonTextOrNull(data.arguments);
  return unchecked('tools', {
    trace_id: waitingTrace(span_id),
    id: toolId(span_id, textOf(name), args),
    span_id,
    name,
    arguments: args,
  });
}

/**
 * The id of a tool call that has none: the span, and a digest of name and arguments. It is the same in
 * the request for the tool, in the list of calls of the span, and in any repetition of either.
 *
 * Two requests with equal bodies cannot be distinguished from one that was sent twice, and count as
 * one. Two equal calls in one answer are distinguished by the list of the span, which has both: the
 * second gets an ordinal.
 */
export function toolId(
  spanId: JsonValue | undefined,
  name: string | null,
  args: JsonValue,
): string {
  return `${spanId}:${hash('sha256', canonical([name, args])).slice(0, 16)}`;
}

/** Where records wait for their span: `ingest_by_span()` in the database knows this form. */
function waitingTrace(spanId: JsonValue | undefined): unknown {
  return typeof spanId === 'string' ? `span:${spanId}` : spanId;
}

/** Seconds since 1970 as ISO 8601, to the microsecond: a double holds no more digits today. */
export function timeOf(value: JsonValue | undefined): unknown {
  const micros = typeof value === 'number' ? Math.round(value * 1_000_000) : Number.NaN;
  // BigInt() throws for a number that is not whole, such as a product that has become infinite.
  return Number.isFinite(micros) ? (timestampFromNanos(BigInt(micros) * 1000n) ?? value) : value;
}

/** An unknown mode must not reject the record. */
export function modeOf(value: JsonValue | undefined): 'dev' | 'prod' | null {
  return value === 'dev' || value === 'prod' ? value : null;
}

/** JSON text inside the JSON. The SDK always sends at least `"{}"`, which is unknown. */
function metadataOf(value: JsonValue | undefined): JsonValue {
  const metadata = parseJsonText(value) ?? null;
  return isObject(metadata) && Object.keys(metadata).length === 0 ? null : metadata;
}

export function idOrNull(value: JsonValue | undefined): JsonValue {
  return value === undefined || value === '' ? null : value;
}
