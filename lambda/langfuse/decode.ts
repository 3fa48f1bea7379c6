/** Events of Langfuse's clients → records. Loaded with the first such request. */
import {
  emptySpan,
  type OtelSpan,
  type PartialSpan,
  sessionRecords,
  toPartialRecords,
} from '../../wire/genai/index.ts';
import type { RecordLists, TraceRecord } from '../../wire/records.ts';
import { cleanText } from '../../wire/text.ts';
import { isId, isObject } from '../../wire/values.ts';
import { HttpError } from '../http/http-error.ts';
import { decodeJson } from '../http/json-body.ts';
import { boundJson } from '../validation/bound-json.ts';
import type { Rejections } from '../validation/rejections.ts';
import { sentTime } from '../validation/sent-fields.ts';
import { type Observation, readEvents, type Trace } from './events.ts';

/** The records of a body, or why it has none. */
export function decodeEvents(body: Buffer, rejections: Rejections): RecordLists | HttpError {
  const decoded = decodeJson(body);
  if (decoded instanceof HttpError) return decoded;
  const events = readEvents(decoded.value, rejections);
  if (events instanceof HttpError) return events;
  const lists = toPartialRecords(events.observations.map(messageOf));
  const rows = new Map(lists.traces.map((row) => [row.id, row]));
  for (const trace of events.traces) rows.set(trace.id, withTrace(rows.get(trace.id), trace));
  lists.traces = [...rows.values()];
  lists.sessions = sessionRecords(lists.traces);
  return lists;
}

/**
 * An observation as a span with the attributes that Langfuse's OpenTelemetry exporter writes. None is the
 * root of its trace: what a trace is called, and its input and output, only the trace itself states.
 */
function messageOf(observation: Observation): PartialSpan {
  const { id, traceId, parentObservationId, name, kind, startTime, endTime } = observation;
  const startedAt = sentTime(startTime);
  const span: OtelSpan = {
    ...emptySpan(),
    trace_id: traceId ?? id,
    span_id: id,
    parent_span_id: parentObservationId ?? null,
    name: cleanText(name ?? ''),
    started_at: startedAt,
    ended_at: sentTime(endTime) ?? (kind === 'event' ? startedAt : null),
    attributes: attributesOf(observation),
    scope_name: 'langfuse-sdk',
  };
  // An update of a generation has no parent, too.
  return { span, hasParent: parentObservationId != null, hasKind: true };
}

/** Fields that become a field of the span, or an attribute of another name. */
const READ_FIELDS = new Set(
  'id traceId parentObservationId name kind type startTime endTime input output model modelParameters usage usageDetails completionStartTime level statusMessage metadata environment costDetails trace'.split(
    ' ',
  ),
);

function attributesOf(observation: Observation): OtelSpan['attributes'] {
  const attributes: OtelSpan['attributes'] = Object.create(null);
  const set = (key: string, value: unknown): void => {
    if (value != null) attributes[key] = boundJson(value);
  };
  const of = 'langfuse.observation.';
  set(`${of}type`, observation.kind);
  set(`${of}input`, observation.input);
  set(`${of}output`, observation.output);
  set(`${of}model.name`, observation.model);
  set(`${of}model.parameters`, observation.modelParameters);
  set(`${of}usage_details`, usageOf(observation));
  set(`${of}cost_details`, observation.costDetails);
  set(`${of}completion_start_time`, observation.completionStartTime);
  set(`${of}level`, observation.level);
  set(`${of}status_message`, observation.statusMessage);
  set('langfuse.environment', observation.environment);
  const { metadata } = observation;
  if (isObject(metadata)) {
    for (const [key, value] of Object.entries(metadata)) set(`${of}metadata.${key}`, value);
  } else set(`${of}metadata`, metadata);
  for (const [key, value] of Object.entries(observation)) {
    if (!READ_FIELDS.has(key)) set(`${of}${key}`, value);
  }
  return attributes;
}

/** `usageDetails` is the usage of the provider, `usage` that of Langfuse: `{input, output, total, unit}`. */
function usageOf({ usageDetails, usage }: Observation): unknown {
  const details = isObject(usageDetails) && Object.keys(usageDetails).length > 0;
  if (details || !isObject(usage)) return details ? usageDetails : null;
  const { unit, inputCost, outputCost, totalCost, ...counts } = usage;
  return Object.keys(counts).length > 0 ? counts : null;
}

function withTrace(row: TraceRecord | undefined, trace: Trace): TraceRecord {
  const { id, name, userId, sessionId, release, tags, metadata } = trace;
  const startedAt = sentTime(trace.timestamp);
  const updatedAt = sentTime(trace.updatedAt) ?? startedAt;
  const times = [startedAt, row?.started_at, row?.ended_at, updatedAt].filter((at) => at != null);
  const { environment } = trace;
  return {
    ...row,
    id,
    name: name == null ? null : cleanText(name),
    user_id: userId ?? null,
    session_id: sessionId != null && isId(sessionId) ? sessionId : null,
    release: release ?? null,
    mode: typeof environment !== 'string' ? (row?.mode ?? null) : modeOf(environment),
    started_at: times.reduce<string | null>((a, b) => (a === null || b < a ? b : a), null),
    ended_at: times.reduce<string | null>((a, b) => (a === null || b > a ? b : a), null),
    input: trace.input == null ? null : boundJson(trace.input),
    output: trace.output == null ? null : boundJson(trace.output),
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : null,
    metadata: metadata == null ? null : boundJson(metadata),
  };
}

const modeOf = (environment: string): 'prod' | 'dev' =>
  /^prod(uction)?$/i.test(environment) ? 'prod' : 'dev';
