/**
 * ExportLogsServiceRequest in protobuf → log records that carry messages of model calls. Field
 * numbers are those of opentelemetry-proto (logs/v1); unknown ones are skipped.
 */
import type { PbfReader } from 'pbf';
import type { OtelLog } from '../../wire/genai/index.ts';
import type { HttpError } from '../http/http-error.ts';
import type { Rejections } from '../validation/rejections.ts';
import { emptyLogDraft, LogCollector, type LogDraft } from './log-collector.ts';
import { readAnyValue, readCounted } from './protobuf-any-value.ts';
import { visitOtlpProtobuf } from './protobuf-envelope.ts';
import * as field from './protobuf-fields.ts';
import { markCut } from './span-collector.ts';

export function decodeOtlpLogsProtobuf(
  body: Buffer,
  rejections: Rejections,
): OtelLog[] | HttpError {
  const collector = new LogCollector(rejections);
  const httpError = visitOtlpProtobuf(body, {
    read: (reader) => {
      collector.countLog();
      return readLog(reader);
    },
    finish: (draft, { resource }) => collector.finish(draft, resource),
  });
  return httpError ?? collector.logs;
}

function readLog(reader: PbfReader): LogDraft {
  const end = field.readEnd(reader);
  const draft = emptyLogDraft();
  let count = 0;
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    switch (number) {
      case 1:
        draft.timeNanos = field.readFixed64(reader);
        break;
      case 5:
        draft.body = readAnyValue(reader);
        break;
      case 6:
        count = readCounted(reader, draft.attributes, count);
        break;
      case 9:
        draft.traceId = field.readBytes(reader, 'hex');
        break;
      case 10:
        draft.spanId = field.readBytes(reader, 'hex');
        break;
      case 11:
        draft.observedNanos = field.readFixed64(reader);
        break;
      case 12:
        draft.eventName = field.readText(reader);
        break;
    }
  }
  field.expectEnd(reader, end);
  markCut(draft.attributes, count);
  return draft;
}
