/**
 * ExportTraceServiceRequest in JSON → spans. Enums come as number or name, as proto3 JSON allows.
 */
import type { OtelEvent, OtelSpan } from '../../wire/genai/index.ts';
import { cleanText } from '../../wire/text.ts';
import type { HttpError } from '../http/http-error.ts';
import type { Rejections } from '../validation/rejections.ts';
import { momentFromNanos } from '../validation/timestamp.ts';
import { walkOtlpJson } from './json-envelope.ts';
import {
  hexId,
  type Members,
  members,
  nanos,
  objects,
  readAttributes,
  text,
} from './json-values.ts';
import { type SpanDraft, SpanIntake } from './span-intake.ts';

const KIND_NAMES = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
];
const STATUS_NAMES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

const TRACES = ['resourceSpans', 'scopeSpans', 'spans'] as const;

/** The spans of a body. Single spans that cannot be are in `rejections`, and not in the result. */
export function decodeOtlpJson(body: Buffer, rejections: Rejections): OtelSpan[] | HttpError {
  const intake = new SpanIntake(rejections);
  const refusal = walkOtlpJson(body, TRACES, (span, origin) => {
    intake.countSpan();
    intake.finish(readSpan(span, intake), origin);
  });
  return refusal ?? intake.spans;
}

function readSpan(span: Members, intake: SpanIntake): SpanDraft {
  const status = members(span.status);
  return {
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

function enumNumber(value: unknown, names: readonly string[]): number {
  if (typeof value === 'string') return Math.max(0, names.indexOf(value));
  return typeof value === 'number' ? value : 0;
}
