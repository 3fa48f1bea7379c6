/** Spans of OpenTelemetry's API as records: what the server makes of them when they come by OTLP. */

import { type OtelSpan, parseSpan, toRecords } from '../../wire/genai/index.ts';
import type { JsonValue, RecordLists, TableName, TraceRecord } from '../../wire/records.ts';
import { cleanText } from '../../wire/text.ts';
import { usableSession } from '../config/session.ts';
import { isoTime } from '../platform/clock.ts';
import { cleanJson } from '../serialize/snapshot.ts';
import type { OwnRecords, RecordContext, RecordSink } from '../span/record-sink.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import type { GenAiSpan } from './otel-types.ts';

/** Whether a span says of itself that it is a call of a model. */
export function isModelCall(span: GenAiSpan): boolean {
  return isCall(otelOf(span));
}

function isCall(span: OtelSpan): boolean {
  try {
    const { kind } = parseSpan(span);
    return kind === 'llm' || kind === 'embedding';
  } catch {
    return false;
  }
}

const GENAI_KEY = /^(gen_ai|llm|openinference|traceloop|ai|langfuse|langsmith|mastra|lmnr)\./;

/** Whether attributes tell of models, agents or tools at all. */
export const hasGenAiAttributes = (attributes: object): boolean =>
  Object.keys(attributes).some((key) => GENAI_KEY.test(key));

/** Whether a span of another tracer, which may still be open, is a call of a model. */
export function isForeignModelCall({
  name,
  attributes,
}: {
  name: string;
  attributes: object;
}): boolean {
  return isCall({ ...NOTHING, name, attributes: { ...attributes } });
}

const NOTHING: OtelSpan = {
  trace_id: '',
  span_id: '',
  parent_span_id: null,
  name: '',
  kind: 0,
  status_code: 0,
  status_message: null,
  started_at: null,
  ended_at: null,
  attributes: {},
  events: [],
  scope_name: null,
  scope_version: null,
  resource: {},
};

/** The records of a span, and of those that tell of the same call. */
export function recordsOf(span: GenAiSpan): OwnRecords {
  const lists = toRecords([span, ...span.held].map(otelOf));
  const kind = lists.spans.find(({ id }) => id === span.id)?.kind;
  const isTold =
    kind === 'llm' ? span.isAroundCall : kind === 'embedding' && span.embeddingsBelow > 0;
  if (isTold || ((kind === 'llm' || kind === 'embedding') && isInCall(span))) leaveOut(lists);
  if (!span.trace.capturesContent) withoutContent(lists);
  const own = lists.spans.find(({ id }) => id === span.id);
  if (own && span.input !== null) own.input = JSON.parse(span.input) as JsonValue;
  if (own && span.output !== null) own.output = JSON.parse(span.output) as JsonValue;
  const [told] = lists.traces;
  if (told) adopt(span, told);
  // Other spans of ours bring the trace and its session along.
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

/** The call has a span of its own, above or below, which knows more. */
function leaveOut(lists: RecordLists): void {
  lists.prompts = [];
  lists.completions = [];
  lists.tools = [];
  lists.spans = lists.spans.map((row) => ({ ...row, kind: 'span' }));
}

/** Who spoke, models, usage and the names of tools stay. */
function withoutContent(lists: RecordLists): void {
  const none = { content: null, parts: null };
  lists.prompts = lists.prompts.map((row) => ({ ...row, ...none }));
  lists.completions = lists.completions.map((row) => ({ ...row, ...none }));
  lists.tools = lists.tools.map((row) => ({ ...row, arguments: null, output: null }));
  for (const row of lists.spans) {
    row.attributes = facts(row.attributes);
    row.events = null;
  }
  for (const row of [...lists.spans, ...lists.traces]) {
    row.input = row.output = null;
    // Messages of errors quote what went wrong.
    const { type = 'Error' } = (row.error ?? {}) as { type?: string };
    if (row.error) row.error = { type };
  }
}

/** Texts under these keys are names and ids; under any other key they may be what somebody said. */
const FACT_KEYS: readonly string[] = [
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.system',
  'gen_ai.tool.name',
  'gen_ai.agent.name',
];
const FACT_PREFIXES = ['gen_ai.request.', 'gen_ai.response.', 'server.', 'code.'];

function facts(attributes: JsonValue | undefined): JsonValue {
  if (typeof attributes !== 'object' || attributes === null) return null;
  return Object.fromEntries(
    Object.entries(attributes).filter(
      ([key, value]) =>
        typeof value === 'number' ||
        typeof value === 'boolean' ||
        FACT_KEYS.includes(key) ||
        FACT_PREFIXES.some((prefix) => key.startsWith(prefix)),
    ),
  );
}

function isInCall(span: RecordingSpan): boolean {
  for (let above = span.parent; above; above = above.parent) if (above.call) return true;
  return false;
}

/** Session and user of a trace may stand on any of its spans; what the program says by our API wins. */
function adopt({ trace, owner }: RecordingSpan, { session_id, user_id }: TraceRecord): void {
  trace.userId ??= user_id ?? null;
  const isOpen = !trace.session || trace.session === owner.settings.session;
  if (session_id && isOpen) trace.session = usableSession({ id: session_id, userId: user_id });
}

function traceOf({ trace }: RecordingSpan, told: TraceRecord, context: RecordContext): object {
  const { session, metadata } = trace;
  const { mode, serviceName, release } = context;
  const own = metadata === null ? null : (JSON.parse(metadata) as object);
  return {
    ...told,
    ...(trace.input === null ? {} : { input: JSON.parse(trace.input) }),
    ...(trace.output === null ? {} : { output: JSON.parse(trace.output) }),
    session_id: session?.id,
    user_id: trace.userId ?? session?.userId ?? context.userId,
    mode,
    // The process that began a trace knows the rest of it.
    ...(trace.isContinued ? {} : { service_name: serviceName, release: trace.release ?? release }),
    tags: trace.tags ?? told.tags,
    metadata: own ? { ...own, ...(told.metadata as object | null) } : told.metadata,
  };
}

function emit(table: TableName, row: object, sink: RecordSink): void {
  const known = Object.entries(row).filter(([, value]) => value != null);
  sink(table, cleanJson(JSON.stringify(Object.fromEntries(known))));
}

function otelOf(span: GenAiSpan): OtelSpan {
  const { values, lost } = span;
  const attributes = lost > 0 ? { ...values, 'agensight.lost': lost } : values;
  return {
    trace_id: span.trace.id,
    span_id: span.id,
    parent_span_id: span.parentId,
    name: cleanText(span.name),
    // OTLP counts from 1.
    kind: span.otelKind + 1,
    status_code: span.statusCode,
    status_message: span.statusMessage,
    started_at: isoTime(span.startedAt),
    ended_at: span.isEnded ? isoTime(span.endedAt) : null,
    attributes,
    events: span.moments.map(({ name, atMillis, attributes: told }) => ({
      name,
      time: isoTime(atMillis),
      attributes: told,
    })),
    scope_name: span.scope.name,
    scope_version: span.scope.version,
    resource: {} as { [key: string]: JsonValue },
  };
}
