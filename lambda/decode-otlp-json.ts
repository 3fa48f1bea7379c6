/**
 * ExportTraceServiceRequest in JSON → spans. Reads what proto3 JSON allows (64-bit numbers as text
 * or number, enums as number or name) and, as OTLP has it, ids in hex.
 */
import type { Attributes, OtelEvent, OtelSpan } from '../wire/genai/span.ts';
import type { JsonValue } from '../wire/records.ts';
import { cleanText } from '../wire/text.ts';
import { decodeJson } from './decode-json.ts';
import {
  emptyAttributes,
  emptyDraft,
  type SpanDraft,
  SpanIntake,
  type SpanOrigin,
} from './otlp-span.ts';
import { DecodeStop, malformed, Refusal } from './refusal.ts';
import type { Rejections } from './rejections.ts';
import { momentFromNanos } from './time.ts';

const KIND_NAMES = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
];
const STATUS_NAMES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

/** Anything that JSON.parse gives for `{...}`. Its members are read, never assigned. */
type Members = Readonly<Record<string, unknown>>;

/** The spans of a body. Single spans that cannot be are in `rejections`, and not in the result. */
export function decodeOtlpJson(body: Buffer, rejections: Rejections): OtelSpan[] | Refusal {
  const parsed = decodeJson(body);
  if (parsed instanceof Refusal) return parsed;
  if (!isObject(parsed.value)) return malformed('The body must be a JSON object.');
  const intake = new SpanIntake(rejections);
  try {
    for (const resourceSpans of objects(parsed.value, 'resourceSpans')) {
      readResourceSpans(resourceSpans, intake);
    }
    return intake.spans;
  } catch (error) {
    if (error instanceof DecodeStop) return error.refusal;
    throw error;
  }
}

function readResourceSpans(resourceSpans: Members, intake: SpanIntake): void {
  const resource = readAttributes(members(resourceSpans.resource).attributes);
  for (const scopeSpans of objects(resourceSpans, 'scopeSpans')) {
    const scope = members(scopeSpans.scope);
    const origin: SpanOrigin = {
      scopeName: text(scope.name),
      scopeVersion: text(scope.version),
      resource,
    };
    for (const span of objects(scopeSpans, 'spans')) {
      intake.countSpan();
      intake.finish(readSpan(span, intake), origin);
    }
  }
}

function readSpan(span: Members, intake: SpanIntake): SpanDraft {
  const status = members(span.status);
  return {
    ...emptyDraft(),
    traceId: hexId(span.traceId),
    spanId: hexId(span.spanId),
    parentSpanId: hexId(span.parentSpanId),
    name: text(span.name),
    kind: enumNumber(span.kind, KIND_NAMES),
    statusCode: enumNumber(status.code, STATUS_NAMES),
    statusMessage: text(status.message),
    startNanos: nanos(span.startTimeUnixNano),
    endNanos: nanos(span.endTimeUnixNano),
    attributes: readAttributes(span.attributes),
    events: objects(span, 'events').map((event) => {
      intake.countEvent();
      return readEvent(event);
    }),
  };
}

function readEvent(event: Members): OtelEvent {
  const time = nanos(event.timeUnixNano);
  return {
    name: cleanText(text(event.name)),
    time: time === null ? null : momentFromNanos(time),
    attributes: readAttributes(event.attributes),
  };
}

/** Key-value pairs; those without a key are not attributes, and a later pair of the same key wins. */
function readAttributes(pairs: unknown): Attributes {
  const attributes = emptyAttributes();
  if (!Array.isArray(pairs)) return attributes;
  for (const pair of pairs) {
    const { key, value } = members(pair);
    if (typeof key === 'string') attributes[cleanText(key)] = readAnyValue(members(value));
  }
  return attributes;
}

/** Recursive; the nesting of the whole text was bounded before it was parsed. */
function readAnyValue(value: Members): JsonValue {
  if (typeof value.stringValue === 'string') return cleanText(value.stringValue);
  if (typeof value.boolValue === 'boolean') return value.boolValue;
  if (value.intValue !== undefined) return int64(value.intValue);
  if (value.doubleValue !== undefined) return double(value.doubleValue);
  if (value.arrayValue !== undefined) {
    const { values } = members(value.arrayValue);
    return Array.isArray(values) ? values.map((item) => readAnyValue(members(item))) : [];
  }
  if (value.kvlistValue !== undefined) return readAttributes(members(value.kvlistValue).values);
  return typeof value.bytesValue === 'string' ? cleanText(value.bytesValue) : null;
}

/** A number while that is exact, else its digits; what is no number at all stays as it came. */
function int64(value: unknown): JsonValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'string') return null;
  if (!/^-?\d{1,20}$/.test(value)) return cleanText(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Proto3 JSON writes NaN and infinities as text; JSON cannot hold them otherwise. */
function double(value: unknown): JsonValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'string') return null;
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : cleanText(value);
}

/** Nanoseconds; absent is 0, as in protobuf, and what is no number is null. */
function nanos(value: unknown): bigint | null {
  if (value === undefined || value === null || value === '') return 0n;
  if (typeof value === 'string') return /^\d{1,20}$/.test(value) ? BigInt(value) : null;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? BigInt(value) : null;
}

/** What is not even text cannot be an id, nor can it be absent. */
function hexId(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value.toLowerCase() : 'not text';
}

function enumNumber(value: unknown, names: readonly string[]): number {
  if (typeof value === 'string') return Math.max(0, names.indexOf(value));
  return typeof value === 'number' ? value : 0;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The objects in a list; null counts as an empty one, anything else makes the body malformed. */
function objects(parent: Members, name: string): readonly Members[] {
  const list = parent[name] ?? [];
  if (!Array.isArray(list)) throw new DecodeStop(malformed(`${name} must be a list.`));
  for (const item of list) {
    if (item !== null && !isObject(item)) {
      throw new DecodeStop(malformed(`${name} must be a list of objects.`));
    }
  }
  return list.map(members);
}

function members(value: unknown): Members {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
