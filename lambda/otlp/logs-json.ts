/** ExportLogsServiceRequest in JSON → the log records that carry messages of model calls. */
import type { OtelLog } from '../../wire/genai/index.ts';
import type { HttpError } from '../http/http-error.ts';
import type { Rejections } from '../validation/rejections.ts';
import { walkOtlpJson } from './json-envelope.ts';
import {
  hexId,
  type Members,
  members,
  nanos,
  readAnyValue,
  readAttributes,
  text,
} from './json-values.ts';
import { type LogDraft, LogIntake } from './log-intake.ts';

const LOGS = ['resourceLogs', 'scopeLogs', 'logRecords'] as const;

export function decodeOtlpLogsJson(body: Buffer, rejections: Rejections): OtelLog[] | HttpError {
  const intake = new LogIntake(rejections);
  const refusal = walkOtlpJson(body, LOGS, (log, { resource }) => {
    intake.countLog();
    intake.finish(readLog(log), resource);
  });
  return refusal ?? intake.logs;
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
