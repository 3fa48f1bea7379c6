/** ExportTraceServiceRequest in JSON → spans. Enums are numbers or names, as proto3 JSON allows. */
import type { OtelEvent, OtelSpan } from '../../wire/genai/index.ts';
import { cleanText } from '../../wire/text.ts';
import type { HttpError } from '../http/http-error.ts';
import type { Rejections } from '../validation/rejections.ts';
import { timestampFromNanos } from '../validation/timestamp.ts';
import { visitSpans } from './json-envelope.ts';
import {
  hexId,
  type Members,
  members,
  nanos,
  objects,
  readAttributes,
  text,
} from './json-values.ts';
import { SpanCollector, type SpanDraft } from './span-collector.ts';

const KIND_NAMES = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
];
const STATUS_NAMES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

/** The spans of a body. Invalid spans are added to `rejections` instead. */
export function decodeOtlpJson(body: Buffer, rejections: Rejections): OtelSpan[] | HttpError {
  const collector = new SpanCollector(rejections);
  const httpError = visitSpans(body, (span, origin) => {
    collector.countSpan();
    collector.finish(readSpan(span, collector), origin);
  });
  return httpError ?? collector.spans;
}

function readSpan(span: Members, collector: SpanCollector): SpanDraft {
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
      collector.countEvent();
      return readEvent(event);
    }),
  };
}

function readEvent(event: Members): OtelEvent {
  const time = nanos(event.timeUnixNano);
  return {
    name: cleanText(text(event.name)),
    time: time === null ? null : timestampFromNanos(time),
    attributes: readAttributes(event.attributes),
  };
}

function enumNumber(value: unknown, names: readonly string[]): number {
  if (typeof value === 'string') return Math.max(0, names.indexOf(value));
  return typeof value === 'number' ? value : 0;
}
