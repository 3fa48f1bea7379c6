/** The reader: spans and log records of any LLM instrumentation, as the six kinds of record. */

export {
  type PythonSpan,
  parsePythonSpan,
  pythonUsage,
} from './dialects/agensight-python.ts';
export { isGenAiSpan, parseSpan } from './dialects/choose.ts';
export { isMessageEvent } from './dialects/events.ts';
export { listOf } from './dialects/indexed-keys.ts';
export {
  type Attributes,
  emptySpan,
  type OtelEvent,
  type OtelLog,
  type OtelSpan,
} from './dialects/span.ts';
export { logsToRecords } from './logs.ts';
export { type PartialSpan, toPartialRecords } from './partial-spans.ts';
export { sessionIdOf } from './rows/session.ts';
export { toRecords } from './spans.ts';
