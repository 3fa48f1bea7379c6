/** Records of spans of OpenTelemetry's API: the same that the server makes of spans received by OTLP. */

import { COLUMNS, parseColumns } from '../../wire/columns.ts';
import { toRecords } from '../../wire/genai/index.ts';
import type { JsonValue, RecordLists, TableName, TraceRecord } from '../../wire/records.ts';
import { usableSession } from '../config/session.ts';
import { writeJson } from '../platform/json.ts';
import { cleanJson } from '../serialize/snapshot.ts';
import type { OwnRecords, RecordContext, RecordSink } from '../span/record-sink.ts';
import { isResponseRecorded } from '../span/recorded-responses.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { toOtelSpan } from './otel-span.ts';
import type { GenAiSpan } from './otel-types.ts';

/** The records of a span. The database decides which of nested spans describe one model call. */
export function genAiRecords(span: GenAiSpan): OwnRecords {
  const lists = toRecords([toOtelSpan(span)]);
  const kind = lists.spans.find(({ id }) => id === span.id)?.kind;
  const isCall = kind === 'llm' || kind === 'embedding';
  const isRecordedBelow = kind === 'llm' ? span.isAroundCall : span.embeddingsBelow > 0;
  if (isCall && (isRecordedBelow || isInsideCall(span) || isRecordedResponse(span, lists))) {
    removeCall(lists);
  }
  if (!span.trace.capturesContent) removeContent(lists);
  const own = lists.spans.find(({ id }) => id === span.id);
  if (own && span.input !== null) own.input = JSON.parse(span.input) as JsonValue;
  if (own && span.output !== null) own.output = JSON.parse(span.output) as JsonValue;
  const [trace] = lists.traces;
  if (trace) setSessionAndUser(span, trace);
  // The trace is recorded with the root span, and the session by the span buffer.
  if (!span.isRoot) lists.traces = [];
  lists.sessions = [];
  const entries = Object.entries(lists) as [TableName, object[]][];
  return {
    count: entries.reduce((sum, [, rows]) => sum + rows.length, 0),
    write(context, sink) {
      const mode = context.mode;
      for (const [table, rows] of entries) {
        for (const row of rows) {
          if (table === 'traces') emit(table, traceOf(span, row as TraceRecord, context), sink);
          else emit(table, table === 'spans' ? { ...row, mode } : row, sink);
        }
      }
    },
  };
}

/** Reduces a model call to a step: another span, above or below, records the call. */
function removeCall(lists: RecordLists): void {
  lists.prompts = [];
  lists.completions = [];
  lists.tools = [];
  lists.spans = lists.spans.map((row) => ({ ...row, kind: 'span' }));
}

/**
 * How columns of content are reduced when content is not captured; those that are not listed become
 * null. Labels, such as roles, models and the names of tools, are not content here.
 */
const REDUCED: Readonly<Record<string, (value: JsonValue | undefined) => JsonValue | undefined>> = {
  attributes: withoutTexts,
  // Messages of errors quote values.
  error: (error) => error && { type: (error as { type?: string }).type ?? 'Error' },
  // Set explicitly by the host program.
  metadata: (metadata) => metadata,
};

function removeContent(lists: RecordLists): void {
  for (const [table, columns] of parseColumns(COLUMNS)) {
    for (const row of lists[table as TableName] as { [column: string]: JsonValue | undefined }[]) {
      for (const { name, mark } of columns.values()) {
        if (mark === '~' || mark === '*') row[name] = REDUCED[name]?.(row[name]);
      }
    }
  }
}

/** Keys of names and ids; texts under any other key may be content. */
const NAME_KEYS: readonly string[] = [
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.system',
  'gen_ai.tool.name',
  'gen_ai.agent.name',
];
const NAME_PREFIXES = ['gen_ai.request.', 'gen_ai.response.', 'server.', 'code.'];

/** Attributes without texts that may be content. */
function withoutTexts(attributes: JsonValue | undefined): JsonValue {
  if (typeof attributes !== 'object' || attributes === null) return null;
  return Object.fromEntries(
    Object.entries(attributes).filter(
      ([key, value]) =>
        typeof value === 'number' ||
        typeof value === 'boolean' ||
        NAME_KEYS.includes(key) ||
        NAME_PREFIXES.some((prefix) => key.startsWith(prefix)),
    ),
  );
}

/** Whether the transport recorded the same response, within the time of this span. */
function isRecordedResponse(span: RecordingSpan, { completions }: RecordLists): boolean {
  const id = completions[0]?.response_id;
  return !!id && isResponseRecorded(id, span.startedAt, span.endedAt);
}

/** Whether an instrumented model call is above the span. */
function isInsideCall(span: RecordingSpan): boolean {
  for (let above = span.parent; above; above = above.parent) if (above.call) return true;
  return false;
}

/** Any span may set session and user of its trace; values set by our own API have precedence. */
function setSessionAndUser(
  { trace, owner }: RecordingSpan,
  { session_id, user_id }: TraceRecord,
): void {
  trace.userId ??= user_id ?? null;
  const isOpen = !trace.session || trace.session === owner.settings.session;
  if (session_id && isOpen) trace.session = usableSession({ id: session_id, userId: user_id });
}

/** The trace record, with the properties set by our own API. */
function traceOf({ trace }: RecordingSpan, parsed: TraceRecord, context: RecordContext): object {
  const { session, metadata } = trace;
  const { mode, serviceName, release } = context;
  const own = metadata === null ? null : (JSON.parse(metadata) as object);
  return {
    ...parsed,
    ...(trace.input === null ? {} : { input: JSON.parse(trace.input) }),
    ...(trace.output === null ? {} : { output: JSON.parse(trace.output) }),
    session_id: session?.id,
    user_id: trace.userId ?? session?.userId ?? context.userId,
    mode,
    // The process that started the trace writes the other fields.
    ...(trace.isContinued ? {} : { service_name: serviceName, release: trace.release ?? release }),
    tags: trace.tags ?? parsed.tags,
    metadata: own ? { ...own, ...(parsed.metadata as object | null) } : parsed.metadata,
  };
}

function emit(table: TableName, row: object, sink: RecordSink): void {
  const known = Object.entries(row).filter(([, value]) => value != null);
  sink(table, cleanJson(writeJson(Object.fromEntries(known))));
}
