/**
 * ExportTraceServiceRequest in protobuf → spans. Field numbers are those of opentelemetry-proto
 * (collector/trace/v1, trace/v1, resource/v1); unknown ones are skipped.
 */
import { PbfReader } from 'pbf';
import type { Attributes, OtelEvent, OtelSpan } from '../wire/genai/span.ts';
import { emptyAttributes, emptyDraft, type SpanDraft, SpanIntake } from './otlp-span.ts';
import { readKeyValue } from './protobuf-any-value.ts';
import * as field from './protobuf-fields.ts';
import { DecodeStop, malformed, type Refusal } from './refusal.ts';
import type { Rejections } from './rejections.ts';
import { momentFromNanos } from './time.ts';

/** The spans of a body. Single spans that cannot be are in `rejections`, and not in the result. */
export function decodeOtlpProtobuf(body: Buffer, rejections: Rejections): OtelSpan[] | Refusal {
  const reader = new PbfReader(body);
  const intake = new SpanIntake(rejections);
  try {
    for (let number = reader.nextField(); number !== 0; number = reader.nextField()) {
      if (number === 1) readResourceSpans(reader, intake);
    }
    field.expectEnd(reader, reader.length);
    return intake.spans;
  } catch (error) {
    if (error instanceof DecodeStop) return error.refusal;
    // pbf throws plain errors (overlong varint, unknown wire type), a DataView its RangeError.
    return malformed('The body is not protobuf.');
  }
}

function readResourceSpans(reader: PbfReader, intake: SpanIntake): void {
  const end = field.readEnd(reader);
  // Spans hold this object, so it may also be filled after them: fields come in any order.
  const resource = emptyAttributes();
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) readResource(reader, resource);
    else if (number === 2) readScopeSpans(reader, resource, intake);
  }
  field.expectEnd(reader, end);
}

function readResource(reader: PbfReader, resource: Attributes): void {
  const end = field.readEnd(reader);
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) readKeyValue(reader, resource);
  }
  field.expectEnd(reader, end);
}

function readScopeSpans(reader: PbfReader, resource: Attributes, intake: SpanIntake): void {
  const end = field.readEnd(reader);
  const origin = { scopeName: '', scopeVersion: '', resource };
  const drafts: SpanDraft[] = [];
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) readScope(reader, origin);
    else if (number === 2) {
      intake.countSpan();
      drafts.push(readSpan(reader, intake));
    }
  }
  field.expectEnd(reader, end);
  for (const draft of drafts) intake.finish(draft, origin);
}

function readScope(reader: PbfReader, origin: { scopeName: string; scopeVersion: string }): void {
  const end = field.readEnd(reader);
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) origin.scopeName = field.readText(reader);
    else if (number === 2) origin.scopeVersion = field.readText(reader);
  }
  field.expectEnd(reader, end);
}

function readSpan(reader: PbfReader, intake: SpanIntake): SpanDraft {
  const end = field.readEnd(reader);
  const draft = emptyDraft();
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
        readKeyValue(reader, draft.attributes);
        break;
      case 11:
        intake.countEvent();
        draft.events.push(readEvent(reader));
        break;
      case 15:
        readStatus(reader, draft);
        break;
    }
  }
  field.expectEnd(reader, end);
  return draft;
}

function readEvent(reader: PbfReader): OtelEvent {
  const end = field.readEnd(reader);
  const event: OtelEvent = { name: '', time: null, attributes: emptyAttributes() };
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) event.time = momentFromNanos(field.readFixed64(reader));
    else if (number === 2) event.name = field.readText(reader);
    else if (number === 3) readKeyValue(reader, event.attributes);
  }
  field.expectEnd(reader, end);
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
