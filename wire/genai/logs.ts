/** Messages in log records that name their span, as rows of that span. */

import { parseJsonText } from '../json.ts';
import type { JsonObject } from '../records.ts';
import {
  type CompletionRecord,
  emptyLists,
  type JsonValue,
  type RecordLists,
  type TraceRecord,
} from '../records.ts';
import { isObject } from '../values.ts';
import {
  CALL_DETAILS,
  type EventMessages,
  listOfChoices,
  messagesOfEvents,
} from './forms/event-messages.ts';
import { type Attributes, emptySpan, type OtelLog } from './forms/otel-span.ts';
import { type ModelCall, storedParts } from './provider/model.ts';
import { Found } from './reader/found.ts';
import { readCall } from './reader/read-call.ts';
import { emptyCall, readTraceFacts } from './reader/read-span.ts';
import { isCounted } from './reader/read-usage.ts';
import { sessionIn, userIn } from './reader/trace-facts.ts';
import { callColumns } from './rows/call-columns.ts';
import { modeOf, releaseOf, serviceOf } from './rows/session.ts';
import { promptRecords } from './rows/span-rows.ts';
import { type ParsedItem, toolRecords } from './rows/tool-rows.ts';
import { sessionRecords } from './rows/trace-rows.ts';
import { allSources } from './sources/source-index.ts';

/**
 * Converts the log records of a batch. They have the messages; the span has model, usage and session.
 * Both make rows under the same keys, in any order, and neither sets a field that only the other knows.
 * Prompts are numbered in the order of their records, so those of one call must arrive together.
 */
export function logsToRecords(logs: readonly OtelLog[]): RecordLists {
  const lists = emptyLists();
  const traces = new Map<string, TraceRecord>();
  for (const ofSpan of bySpan(logs)) {
    const [first] = ofSpan;
    const messages = messagesOfEvents(ofSpan.map(eventOf));
    if (first === undefined || messages === null) continue;
    addTrace(traces, first);
    const call = readSpanOf(first, messages);
    for (const tool of toolRecords(call)) lists.tools.push(tool);
    for (const prompt of promptRecords(call)) lists.prompts.push(prompt);
    for (const choice of completionRecords(first, messages, statedCall(ofSpan))) {
      lists.completions.push(choice);
    }
  }
  lists.traces = [...traces.values()];
  lists.sessions = sessionRecords(lists.traces);
  return lists;
}

function bySpan(logs: readonly OtelLog[]): Iterable<OtelLog[]> {
  const spans = new Map<string, OtelLog[]>();
  for (const log of logs) {
    const key = `${log.trace_id} ${log.span_id}`;
    const list = spans.get(key);
    if (list === undefined) spans.set(key, [log]);
    else list.push(log);
  }
  // Records of the same time, which often has only milliseconds, keep their order.
  for (const list of spans.values()) list.sort(byTime);
  return spans.values();
}

function byTime(a: OtelLog, b: OtelLog): number {
  const [before, after] = [a.time ?? '', b.time ?? ''];
  return before < after ? -1 : before > after ? 1 : 0;
}

/** The fields that the conventions define for bodies. */
const BODY_FIELDS: ReadonlySet<string> = new Set([
  'role',
  'content',
  'tool_calls',
  'id',
  'name',
  'index',
  'finish_reason',
  'message',
]);

/** A span event has its fields in the attributes; a log record has them in the body, or in both. */
function eventOf({ name, attributes, body }: OtelLog): { name: string; attributes: Attributes } {
  return body === null
    ? { name, attributes }
    : { name, attributes: { ...attributes, ...fieldsOf(body) } };
}

/** Loggers without structured bodies, as those of .NET, write the fields as JSON text. */
function fieldsOf(body: JsonValue): JsonObject {
  if (isObject(body)) return body;
  const opened = parseJsonText(body);
  const isBody = isObject(opened) && Object.keys(opened).every((field) => BODY_FIELDS.has(field));
  return isBody ? opened : { content: body };
}

/** The call as if its span carried the messages, so that the same code makes its rows. */
function readSpanOf(log: OtelLog, messages: EventMessages): ParsedItem {
  const call = { ...emptyCall(), prompts: messages.prompts, choices: listOfChoices(messages) };
  const span = {
    ...emptySpan(),
    trace_id: log.trace_id,
    span_id: log.span_id,
    resource: log.resource,
  };
  return {
    span,
    parsed: { ...readTraceFacts(span), kind: 'llm', call },
    outcome: { status: 'unset', error: null },
  };
}

/**
 * Model and usage, where the record of a whole call states them: its span may state the same, or may not
 * exist.
 */
function statedCall(logs: readonly OtelLog[]): ModelCall | null {
  const details = logs.find(({ name }) => name === CALL_DETAILS);
  if (details === undefined) return null;
  const { attributes } = eventOf(details);
  const call = readCall(
    { ...emptySpan(), attributes },
    new Found(allSources(), attributes),
    {},
  )?.call;
  return call?.model ? call : null;
}

/** Rows under the index that the record states: the row of the span itself is that of choice 0. */
function completionRecords(
  { trace_id, span_id }: OtelLog,
  { choices }: EventMessages,
  call: ModelCall | null,
): CompletionRecord[] {
  const rows = Array.from(
    choices,
    ([completion_index, { role, content, parts, finish_reason }]): CompletionRecord => ({
      trace_id,
      span_id,
      completion_index,
      role,
      content,
      parts: storedParts(parts),
      finish_reason: finish_reason ?? call?.finish_reasons[completion_index] ?? null,
      ...(call === null ? {} : callColumns(call, completion_index === 0)),
    }),
  );
  const isBare = rows.length === 0 && call !== null && isCounted(call.usage);
  return isBare ? [{ trace_id, span_id, completion_index: 0, ...callColumns(call, true) }] : rows;
}

/** Adds a row for the trace, which may have no span. Only spans know when it ended. */
function addTrace(traces: Map<string, TraceRecord>, log: OtelLog): void {
  const row = traces.get(log.trace_id) ?? { id: log.trace_id };
  traces.set(log.trace_id, row);
  row.service_name ??= serviceOf(log);
  row.release ??= releaseOf(log);
  row.mode ??= modeOf(log);
  const found = new Found(allSources(), log.attributes);
  const [session, user] = [sessionIn(found), userIn(found)];
  if (session !== null) row.session_id ??= session.value;
  if (user !== null) row.user_id ??= user.value;
  if (log.time !== null && !(row.started_at && row.started_at <= log.time)) {
    row.started_at = log.time;
  }
}
