/** The bodies of the original Python SDK, except spans, as records. Validation comes after. */
import { hash } from 'node:crypto';
import {
  canonical,
  parseJsonText,
  parseJsonTextOrNull,
  textOf,
} from '../../wire/genai/provider/json.ts';
import { NO_USAGE, type Usage } from '../../wire/genai/provider/model.ts';
import { count } from '../../wire/genai/provider/usage.ts';
import type { JsonObject, JsonValue, RecordLists } from '../../wire/records.ts';
import { isObject } from '../../wire/values.ts';
import { momentFromNanos } from '../validation/timestamp.ts';

/**
 * What a body says, by the name of a field. Values that are not what a field takes go through as
 * they are, because the validator rejects them with the reason.
 */
type Loose<Row> = { [F in keyof Row]: unknown };

/** A list of one kind that the validator has not seen. */
export function uncheckedList<Table extends keyof RecordLists>(
  table: Table,
  rows: readonly Loose<RecordLists[Table][number]>[],
): Partial<RecordLists> {
  return { [table]: rows } as Partial<RecordLists>;
}

/** The list of one record. */
export function unchecked<Table extends keyof RecordLists>(
  table: Table,
  row: Loose<RecordLists[Table][number]>,
): Partial<RecordLists> {
  return uncheckedList(table, [row]);
}

/** Sent anew by every traced call; the latest says what the session is called. */
export function readSession(data: JsonObject): Partial<RecordLists> {
  const at = moment(data.started_at);
  return unchecked('sessions', {
    id: data.id,
    name: data.session_name,
    user_id: data.user_id,
    metadata: metadataOf(data.metadata),
    mode: modeOf(data.mode),
    started_at: at,
    // Each such message is a sign of life, and the client has no other.
    ended_at: at,
  });
}

export function readTrace(data: JsonObject): Partial<RecordLists> {
  return unchecked('traces', {
    id: data.id,
    session_id: idOrNull(data.session_id),
    name: data.name,
    mode: modeOf(data.mode),
    started_at: moment(data.started_at),
    ended_at: moment(data.ended_at),
    metadata: metadataOf(data.metadata),
  });
}

/**
 * `{id, total_tokens}`: the client adds up the spans of one export, in which every ancestor repeats
 * the tokens of its children, and overwrites the sum with each export. Totals here are the sum over
 * the stored completions, kept by the database, so the number is not taken, be it more or less; the
 * message only says that there is such a trace.
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

/** The client sends no index, and no choice but the first. */
export function readCompletion(data: JsonObject): Partial<RecordLists> {
  const usage = usageOf(data);
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
 * The id of a call that came without one: the span, and a digest of what was called. It is the same
 * in the request for the tool, in the span's own list of calls, and in any repetition of either.
 *
 * Two requests with equal bodies cannot be told from one that was sent twice, and are taken for
 * that. Two equal calls in one answer are told apart by the span's list, which has both: the second
 * gets an ordinal.
 */
export function toolId(
  spanId: JsonValue | undefined,
  name: string | null,
  args: JsonValue,
): string {
  return `${spanId}:${hash('sha256', canonical([name, args])).slice(0, 16)}`;
}

/** Where records wait until their span comes: `ingest_by_span()` in the database knows the form. */
function waitingTrace(spanId: JsonValue | undefined): unknown {
  return typeof spanId === 'string' ? `span:${spanId}` : spanId;
}

/** Seconds since 1970 as ISO 8601, to the microsecond: a double of today holds no more. */
export function moment(value: JsonValue | undefined): unknown {
  const micros = typeof value === 'number' ? Math.round(value * 1_000_000) : Number.NaN;
  // BigInt() throws at what is no whole number, such as a product that has become infinite.
  return Number.isFinite(micros) ? (momentFromNanos(BigInt(micros) * 1000n) ?? value) : value;
}

/** A word that is no mode must not cost the record. */
export function modeOf(value: JsonValue | undefined): 'dev' | 'prod' | null {
  return value === 'dev' || value === 'prod' ? value : null;
}

/** JSON text inside the JSON; the client always sends `"{}"`, which says nothing. */
function metadataOf(value: JsonValue | undefined): JsonValue {
  const metadata = parseJsonText(value) ?? null;
  return isObject(metadata) && Object.keys(metadata).length === 0 ? null : metadata;
}

export function idOrNull(value: JsonValue | undefined): JsonValue {
  return value === undefined || value === '' ? null : value;
}

/** Token counts of a body. The client sends zeros for what it does not know. */
export function usageOf(data: JsonObject): Usage {
  return known({
    ...NO_USAGE,
    prompt: count(data.prompt_tokens),
    completion: count(data.completion_tokens),
    total: count(data.total_tokens),
  });
}

/** Usage without the zeros that stand for "unknown", and with the total that follows from the rest. */
export function known(usage: Usage): Usage {
  const { prompt, completion, total } = usage;
  if (!prompt && !completion && !total) {
    return { ...usage, prompt: null, completion: null, total: null };
  }
  const sum = prompt === null || completion === null ? null : prompt + completion;
  return { ...usage, total: total || sum };
}
