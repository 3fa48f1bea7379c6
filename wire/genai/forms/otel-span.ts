/**
 * An OpenTelemetry span as the reader takes it, independent of encoding and SDK. Its texts have been
 * cleaned by `cleanText()`.
 */
import type { JsonValue } from '../../records.ts';

/** Attributes by key. The object has no prototype, so `__proto__` is an ordinary key. */
export type Attributes = { [key: string]: JsonValue };

export interface OtelEvent {
  name: string;
  /** ISO 8601 UTC with microseconds, or null when the sender sent none. */
  time: string | null;
  attributes: Attributes;
}

export interface OtelSpan {
  /** 32 lower-case hex digits. */
  trace_id: string;
  /** 16 lower-case hex digits. */
  span_id: string;
  parent_span_id: string | null;
  name: string;
  /** OTLP SpanKind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  /** OTLP status code: 0 unset, 1 ok, 2 error. */
  status_code: number;
  status_message: string | null;
  /**
   * Start and end as ISO 8601 UTC with six digits of microseconds (`2026-01-02T03:04:05.678901Z`), so that
   * they also sort as text; null when absent. A span without an end is still running.
   */
  started_at: string | null;
  ended_at: string | null;
  attributes: Attributes;
  events: OtelEvent[];
  /** Instrumentation scope: which library made the span. */
  scope_name: string | null;
  scope_version: string | null;
  resource: Attributes;
}

/** An OpenTelemetry log record (an event). Its texts are clean. */
export interface OtelLog {
  /** 32 lower-case hex digits. */
  trace_id: string;
  /** 16 lower-case hex digits: the span during which the record was made. */
  span_id: string;
  /** Name of the event. */
  name: string;
  /** ISO 8601 UTC with six digits of microseconds, or null when the sender sent none. */
  time: string | null;
  attributes: Attributes;
  body: JsonValue;
  resource: Attributes;
}

/** A span without any content, to be filled. */
export function emptySpan(): OtelSpan {
  return {
    trace_id: '',
    span_id: '',
    parent_span_id: null,
    name: '',
    kind: 0,
    status_code: 0,
    status_message: null,
    started_at: null,
    ended_at: null,
    attributes: {},
    events: [],
    scope_name: null,
    scope_version: null,
    resource: {},
  };
}
