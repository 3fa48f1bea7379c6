/** ExportLogsServiceRequest in JSON → log records that carry messages of model calls. */
import type { OtelLog } from '../../wire/genai/index.ts';
import type { HttpError } from '../http/http-error.ts';
import type { Rejections } from '../validation/rejections.ts';
import { visitLogs } from './json-envelope.ts';
import {
  hexId,
  type Members,
  members,
  nanos,
  readAnyValue,
  readAttributes,
  text,
} from './json-values.ts';
import { LogCollector, type LogDraft } from './log-collector.ts';

export function decodeOtlpLogsJson(body: Buffer, rejections: Rejections): OtelLog[] | HttpError {
  const collector = new LogCollector(rejections);
  const httpError = visitLogs(body, (log, { resource }) => {
    collector.countLog();
    collector.finish(readLog(log), resource);
  });
  return httpError ?? collector.logs;
}

function readLog(log: Members): LogDraft {
  return {
    traceId: hexId(log.traceId),
    spanId: hexId(log.spanId),
    eventName: text(log.eventName),
    timeNanos: nanos(log.timeUnixNano),
    observedNanos: nanos(log.observedTimeUnixNano),
    attributes: readAttributes(log.attributes),
    body: readAnyValue(members(log.body)),
  };
}
