/** The reader: spans and log records of any LLM instrumentation, as the six kinds of record. */

export { isGenAiSpan, parseSpan } from './dialects/choose.ts';
export { isMessageEvent } from './dialects/events.ts';
export type { Attributes, OtelEvent, OtelLog, OtelSpan } from './dialects/span.ts';
export { logsToRecords } from './logs.ts';
export { toRecords } from './spans.ts';
