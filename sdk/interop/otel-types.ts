/** Types that our spans and OpenTelemetry's spans share. */
import type { Attributes, HrTime, Link, SpanContext, SpanStatus } from '@opentelemetry/api';
import type { Attributes as Values } from '../../wire/genai/index.ts';
import type { RecordingSpan } from '../span/recording-span.ts';

/** The instrumentation scope: the library that created a span. */
export interface InstrumentationScope {
  readonly name: string | null;
  readonly version: string | null;
}

export interface OtelEvent {
  readonly name: string;
  readonly atMillis: number;
  readonly attributes: Values;
}

/**
 * An ended span of another tracer: the part of `ReadableSpan` that the SDK reads, in the versions 1, 2
 * and 3 of `@opentelemetry/sdk-trace-base`.
 *
 * @see https://open-telemetry.github.io/opentelemetry-js/interfaces/_opentelemetry_sdk-trace-base.ReadableSpan.html
 * @example
 * new AgensightSpanProcessor({ filter: (span: EndedSpan) => span.name.startsWith('chat') });
 */
export interface EndedSpan {
  readonly name: string;
  readonly kind: number;
  spanContext(): SpanContext;
  readonly parentSpanContext?: SpanContext | undefined;
  readonly parentSpanId?: string | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: readonly Link[];
  readonly events: readonly {
    readonly name: string;
    readonly time: HrTime;
    readonly attributes?: Attributes | undefined;
  }[];
  readonly instrumentationScope?: { readonly name: string; readonly version?: string | undefined };
  readonly instrumentationLibrary?: {
    readonly name: string;
    readonly version?: string | undefined;
  };
}

/** A recording span with the data that was set by OpenTelemetry's API. */
export type GenAiSpan = RecordingSpan & {
  readonly scope: InstrumentationScope;
  readonly otelKind: number;
  readonly statusCode: number;
  readonly statusMessage: string | null;
  readonly otelAttributes: Values;
  readonly otelEvents: readonly OtelEvent[];
};
