/** A run as a span with the attributes that LangSmith's own OpenTelemetry exporter writes. */
import {
  emptySpan,
  type OtelEvent,
  type OtelSpan,
  type PartialSpan,
} from '../../wire/genai/index.ts';
import type { JsonObject, JsonValue } from '../../wire/records.ts';
import { cleanText } from '../../wire/text.ts';
import { isObject } from '../../wire/values.ts';
import { boundJson } from '../validation/bound-json.ts';
import { sentTime } from '../validation/sent-fields.ts';
import { timestampFromNanos } from '../validation/timestamp.ts';
import type { Run } from './runs.ts';

/** Fields that become a field or an attribute of their own, or name what the receiver knows. */
const READ_FIELDS = new Set(
  'id trace_id parent_run_id dotted_order name run_type start_time end_time inputs outputs events extra error tags session_id session_name child_runs serialized'.split(
    ' ',
  ),
);

export function messageOf(run: Run): PartialSpan {
  const { id, dotted_order, error } = run;
  const path = dotted_order?.split('.') ?? [];
  const traceId = run.trace_id ?? idIn(path[0]) ?? id;
  const startedAt = timeOf(run.start_time) ?? timeIn(path.at(-1));
  const parent = run.parent_run_id ?? idIn(path.at(-2));
  const attributes = attributesOf(run, startedAt);
  const isRoot = parent === undefined && (traceId === id || path.length === 1);
  const span: OtelSpan = {
    ...emptySpan(),
    trace_id: traceId,
    span_id: id,
    parent_span_id: parent ?? null,
    name: cleanText(run.name ?? ''),
    status_code: error ? 2 : 0,
    status_message: error ? cleanText(error) : null,
    started_at: startedAt,
    ended_at: timeOf(run.end_time),
    attributes,
    events: eventsOf(run),
    scope_name: 'langsmith',
  };
  return {
    span,
    hasParent: parent !== undefined || isRoot,
    hasKind: attributes['langsmith.span.kind'] !== undefined,
  };
}

function attributesOf(run: Run, startedAt: string | null): OtelSpan['attributes'] {
  const extra = isObject(run.extra) ? run.extra : {};
  const metadata = (isObject(extra.metadata) ? extra.metadata : {}) as JsonObject;
  const params = (isObject(extra.invocation_params) ? extra.invocation_params : {}) as JsonObject;
  const attributes: OtelSpan['attributes'] = Object.create(null);
  const set = (key: string, value: unknown): void => {
    if (value != null) attributes[key] = boundJson(value);
  };
  const kind = kindOf(run, metadata);
  set('langsmith.span.kind', kind);
  set('gen_ai.prompt', filled(run.inputs));
  set('gen_ai.completion', filled(run.outputs));
  if (kind === 'llm' || kind === 'embedding') {
    set('gen_ai.request.model', metadata.ls_model_name ?? params.model ?? params.model_name);
    set('gen_ai.provider.name', metadata.ls_provider);
    set('gen_ai.server.time_to_first_token', secondsToFirstToken(run.events, startedAt));
  }
  if (Array.isArray(run.tags) && run.tags.length > 0) set('langsmith.span.tags', run.tags);
  for (const [key, value] of Object.entries(metadata)) set(`langsmith.metadata.${key}`, value);
  for (const [key, value] of Object.entries(extra)) {
    if (key !== 'metadata' && filled(value) !== null) set(`langsmith.extra.${key}`, value);
  }
  set('langsmith.session_name', run.session_name);
  for (const [key, value] of Object.entries(run)) {
    if (!READ_FIELDS.has(key) && filled(value) !== null) set(`langsmith.run.${key}`, value);
  }
  return attributes;
}

/** Updates of older clients have no type; only those of models have this metadata. */
const kindOf = (run: Run, metadata: JsonObject): JsonValue =>
  run.run_type ?? (metadata.ls_model_type === undefined ? null : 'llm');

/** A value that says something: clients send `{}` and `{output: null}` for none. */
function filled(value: unknown): unknown {
  if (!isObject(value)) return value === '' ? null : (value ?? null);
  const values = Object.values(value);
  return values.every((field) => field === null) ? null : value;
}

function eventsOf({ events, error }: Run): OtelEvent[] {
  const read = Array.isArray(events) ? events.filter((event) => isObject(event)) : [];
  const kept = read.flatMap(({ name, time, ...attributes }): OtelEvent[] =>
    name === 'start' || name === 'end' || name === 'new_token'
      ? []
      : [
          {
            name: cleanText(String(name ?? 'event')),
            time: timeOf(time),
            attributes: boundJson(attributes) as OtelEvent['attributes'],
          },
        ],
  );
  if (error)
    kept.push({ name: 'exception', time: null, attributes: exceptionOf(cleanText(error)) });
  return kept;
}

/** Python sends `repr` of the exception, an empty line and the traceback; JavaScript the message and the stack. */
function exceptionOf(error: string): OtelEvent['attributes'] {
  const [first = '', ...rest] = error.split(/\n\n|\n(?= {4}at )/);
  const type = /^(\w*(?:Error|Exception|Interrupt|Exit))\b/.exec(first)?.[1];
  return {
    ...(type === undefined ? {} : { 'exception.type': type }),
    'exception.message': first,
    ...(rest.length === 0 ? {} : { 'exception.stacktrace': error }),
  };
}

function secondsToFirstToken(events: unknown, startedAt: string | null): number | null {
  if (!Array.isArray(events) || startedAt === null) return null;
  const first = events.find((event) => isObject(event) && event.name === 'new_token');
  const at = isObject(first) ? timeOf(first.time) : null;
  const micros = at === null ? Number.NaN : microsOf(at) - microsOf(startedAt);
  return micros >= 0 ? micros / 1_000_000 : null;
}

/** Microseconds of a canonical time: `Date.parse` reads no more than milliseconds. */
function microsOf(time: string): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  const seconds = Date.parse(time.replace(/\.\d+/, '')) * 1000;
  return seconds + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** ISO 8601, in which no offset means UTC, or a number of milliseconds. */
function timeOf(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) {
    return timestampFromNanos(BigInt(Math.round(value * 1000)) * 1000n);
  }
  return typeof value === 'string' ? sentTime(value) : null;
}

/** The start in a segment of a dotted order: `20261129T120247662748Z<id>`. */
function timeIn(segment: string | undefined): string | null {
  const [, year, month, day, hour, minute, second, micros] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{6})Z/.exec(segment ?? '') ?? [];
  return timeOf(`${year}-${month}-${day}T${hour}:${minute}:${second}.${micros}Z`);
}

const idIn = (segment: string | undefined): string | undefined =>
  /^\d{8}T\d{12}Z(.+)$/.exec(segment ?? '')?.[1];
