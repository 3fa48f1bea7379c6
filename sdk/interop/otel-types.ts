/** The shapes in which OpenTelemetry's spans meet ours. */
import type { Attributes, HrTime, Link, SpanContext, SpanStatus } from '@opentelemetry/api';
import type { Attributes as Values } from '../../wire/genai/index.ts';
import type { RecordingSpan } from '../span/recording-span.ts';

/** Which library made a span. */
export interface Scope {
  readonly name: string | null;
  readonly version: string | null;
}

export interface TracerEvent {
  readonly name: string;
  readonly atMillis: number;
  readonly attributes: Values;
}

/** What we read of an ended span: `ReadableSpan` of `@opentelemetry/sdk-trace-base`, 1, 2 and 3. */
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

/** A span of ours with what OpenTelemetry's API said of it. */
export type GenAiSpan = RecordingSpan & {
  readonly scope: Scope;
  readonly otelKind: number;
  readonly statusCode: number;
  readonly statusMessage: string | null;
  readonly values: Values;
  readonly moments: readonly TracerEvent[];
  readonly held: readonly GenAiSpan[];
};
