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
import { type EventMessages, listOfChoices, messagesOfEvents } from './forms/event-messages.ts';
import { type Attributes, emptySpan, type OtelLog } from './forms/otel-span.ts';
import { storedParts } from './provider/model.ts';
import { emptyCall, readTraceFacts } from './reader/read-span.ts';
import { modeOf, releaseOf, serviceOf } from './rows/session.ts';
import { promptRecords } from './rows/span-rows.ts';
import { type ParsedItem, toolRecords } from './rows/tool-rows.ts';

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
    for (const choice of completionRecords(first, messages)) lists.completions.push(choice);
  }
  lists.traces = [...traces.values()];
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

/** Rows under the index that the record states: the row of the span itself is that of choice 0. */
function completionRecords(
  { trace_id, span_id }: OtelLog,
  { choices }: EventMessages,
): CompletionRecord[] {
  return Array.from(choices, ([completion_index, { role, content, parts, finish_reason }]) => ({
    trace_id,
    span_id,
    completion_index,
    role,
    content,
    parts: storedParts(parts),
    finish_reason,
  }));
}

/** Adds a row for the trace, which may have no span. Only spans know when it ended. */
function addTrace(traces: Map<string, TraceRecord>, log: OtelLog): void {
  const row = traces.get(log.trace_id) ?? { id: log.trace_id };
  traces.set(log.trace_id, row);
  row.service_name ??= serviceOf(log);
  row.release ??= releaseOf(log);
  row.mode ??= modeOf(log);
  if (log.time !== null && !(row.started_at && row.started_at <= log.time)) {
    row.started_at = log.time;
  }
}
