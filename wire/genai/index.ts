/** The reader: spans and log records of any LLM instrumentation, as the six kinds of record. */

export { isMessageEvent } from './forms/event-messages.ts';
export { listOf } from './forms/indexed-keys.ts';
export {
  type Attributes,
  emptySpan,
  type OtelEvent,
  type OtelLog,
  type OtelSpan,
} from './forms/otel-span.ts';
export { isGenAiSpan } from './genai-span.ts';
export { logsToRecords } from './logs.ts';
export { type PartialSpan, toPartialRecords } from './partial-spans.ts';
export { type PythonSpan, parsePythonSpan, pythonUsage } from './python-span.ts';
export { readSpan } from './reader/read-span.ts';
export { sessionIdOf } from './rows/session.ts';
export { sessionRecords } from './rows/trace-rows.ts';
export { toRecords } from './spans.ts';
