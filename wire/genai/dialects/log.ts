/** An OpenTelemetry log record (an event) as the normaliser reads it. Its texts are clean. */
import type { JsonValue } from '../../records.ts';
import type { Attributes } from './span.ts';

export interface OtelLog {
  /** 32 lower-case hex digits. */
  trace_id: string;
  /** 16 lower-case hex digits: the span during which the record was made. */
  span_id: string;
  /** Name of the event. */
  name: string;
  /** ISO 8601 UTC with six digits of microseconds, or null when the sender gave none. */
  time: string | null;
  attributes: Attributes;
  body: JsonValue;
  resource: Attributes;
}
