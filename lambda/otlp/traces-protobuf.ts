/**
 * ExportTraceServiceRequest in protobuf → spans. Field numbers are those of opentelemetry-proto
 * (trace/v1); unknown ones are skipped.
 */
import type { PbfReader } from 'pbf';
import type { OtelEvent, OtelSpan } from '../../wire/genai/index.ts';
import type { HttpError } from '../http/http-error.ts';
import type { Rejections } from '../validation/rejections.ts';
import { timestampFromNanos } from '../validation/timestamp.ts';
import { readCounted } from './protobuf-any-value.ts';
import { visitOtlpProtobuf } from './protobuf-envelope.ts';
import * as field from './protobuf-fields.ts';
import {
  emptyAttributes,
  emptyDraft,
  markCut,
  SpanCollector,
  type SpanDraft,
} from './span-collector.ts';

/** The spans of a body. Invalid spans are added to `rejections` instead. */
export function decodeOtlpProtobuf(body: Buffer, rejections: Rejections): OtelSpan[] | HttpError {
  const collector = new SpanCollector(rejections);
  const httpError = visitOtlpProtobuf(body, {
    read: (reader) => {
      collector.countSpan();
      return readSpan(reader, collector);
    },
    finish: (draft, origin) => collector.finish(draft, origin),
  });
  return httpError ?? collector.spans;
}

function readSpan(reader: PbfReader, collector: SpanCollector): SpanDraft {
  const end = field.readEnd(reader);
  const draft = emptyDraft();
  let count = 0;
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    switch (number) {
      case 1:
        draft.traceId = field.readBytes(reader, 'hex');
        break;
      case 2:
        draft.spanId = field.readBytes(reader, 'hex');
        break;
      case 4:
        draft.parentSpanId = field.readBytes(reader, 'hex');
        break;
      case 5:
        draft.name = field.readText(reader);
        break;
      case 6:
        draft.kind = field.readSmallNumber(reader);
        break;
      case 7:
        draft.startNanos = field.readFixed64(reader);
        break;
      case 8:
        draft.endNanos = field.readFixed64(reader);
        break;
      case 9:
        count = readCounted(reader, draft.attributes, count);
        break;
      case 11:
        collector.countEvent();
        draft.events.push(readEvent(reader));
        break;
      case 15:
        readStatus(reader, draft);
        break;
    }
  }
  field.expectEnd(reader, end);
  markCut(draft.attributes, count);
  return draft;
}

function readEvent(reader: PbfReader): OtelEvent {
  const end = field.readEnd(reader);
  const event: OtelEvent = { name: '', time: null, attributes: emptyAttributes() };
  let count = 0;
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) event.time = timestampFromNanos(field.readFixed64(reader));
    else if (number === 2) event.name = field.readText(reader);
    else if (number === 3) count = readCounted(reader, event.attributes, count);
  }
  field.expectEnd(reader, end);
  markCut(event.attributes, count);
  return event;
}

function readStatus(reader: PbfReader, draft: SpanDraft): void {
  const end = field.readEnd(reader);
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 2) draft.statusMessage = field.readText(reader);
    else if (number === 3) draft.statusCode = field.readSmallNumber(reader);
  }
  field.expectEnd(reader, end);
}
