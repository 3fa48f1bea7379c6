/**
 * OpenTelemetry's API over the same core, for instrumentations that are handed a tracer. It is never
 * registered globally: another OpenTelemetry in the program neither sees our spans nor gives us its.
 */
import type {
  Context,
  SpanOptions as OtelSpanOptions,
  Span,
  SpanContext,
  Tracer,
  TracerProvider,
} from '@opentelemetry/api';
import { millisOf } from '../platform/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { active } from '../runtime/runtime.ts';
import { storage, turn } from '../span/context.ts';
import { NOOP_SPAN } from '../span/noop-span.ts';
import { isRecordingSpan, type RecordingSpan } from '../span/recording-span.ts';
import type { Scope } from './otel-types.ts';
import { TracerSpan } from './tracer-span.ts';

/** The key under which `@opentelemetry/api` keeps the span of a context (`createContextKey`). */
export const SPAN_KEY: symbol = Symbol.for('OpenTelemetry Context Key SPAN');

type Callback = (span: Span) => unknown;

/** The same, for "do not record what happens in here" (`suppressTracing` of `@opentelemetry/core`). */
const SUPPRESS_KEY = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** A tracer for one library, whose name may tell how its spans are to be read. */
function tracerOf(scope: Scope): Tracer {
  const start = (name: string, options?: OtelSpanOptions, context?: Context): Span => {
    const { runtime } = active;
    if (!runtime || context?.getValue(SUPPRESS_KEY)) return NOOP_SPAN;
    try {
      return open(runtime, scope, String(name), options ?? {}, context);
    } catch {
      return NOOP_SPAN;
    }
  };
  return {
    startSpan(name, options, context) {
      const span = start(name, options, context);
      if (isRecordingSpan(span)) announce(span);
      return span;
    },
    startActiveSpan(name: string, ...rest: unknown[]): unknown {
      const fn = rest.at(-1) as Callback;
      const options = rest.length > 1 ? (rest[0] as OtelSpanOptions) : undefined;
      const context = rest.length > 2 ? (rest[1] as Context) : undefined;
      const span = start(name, options, context);
      return isRecordingSpan(span) ? storage.run(span, fn, span) : fn(span);
    },
  } as Tracer;
}

/**
 * An instrumentation starts a span and at once makes the call that it is about, as active in a context
 * that nobody manages. An instrumented client that is called in this very turn belongs under it.
 */
function announce(span: RecordingSpan): void {
  turn.justStarted = span;
  queueMicrotask(() => {
    if (turn.justStarted === span) turn.justStarted = undefined;
  });
}

function open(
  runtime: Runtime,
  library: Scope,
  name: string,
  options: OtelSpanOptions,
  context: Context | undefined,
): RecordingSpan {
  const scope = storage.getStore();
  const given = options.root ? undefined : parentIn(context);
  const parent = options.root
    ? undefined
    : (given?.ours ?? (given?.remote ? undefined : scope?.span));
  const remote = options.root ? undefined : (given?.remote ?? scope?.remote);
  const offset = parent?.trace.clockOffset ?? performance.timeOrigin;
  const at = options.startTime === undefined ? undefined : millisOf(options.startTime, offset);
  const span = !parent
    ? runtime.openRoot(name, 'span', scope?.session, remote, at, TracerSpan)
    : runtime.openChild(parent, name, 'span', at, TracerSpan);
  if (span instanceof TracerSpan) {
    span.scope = library;
    span.otelKind = options.kind ?? 0;
  }
  if (options.attributes) span.setAttributes(options.attributes);
  if (options.links) span.addLinks(options.links);
  return span;
}

interface GivenParent {
  readonly ours?: RecordingSpan;
  readonly remote?: SpanContext;
}

/**
 * The parent that a context names. A span of another tracer in this process is none, as long as one
 * of ours is open: instrumentations pass the active context of whoever registered one.
 */
function parentIn(context: Context | undefined): GivenParent | undefined {
  const span = context?.getValue(SPAN_KEY) as Span | undefined;
  if (!span) return undefined;
  if (isRecordingSpan(span)) return { ours: span };
  const remote = span.spanContext();
  const { traceId, spanId } = remote;
  // All zeros mean "none" (W3C Trace Context).
  if (!/^(?!0+$)[0-9a-f]{32}$/.test(traceId) || !/^(?!0+$)[0-9a-f]{16}$/.test(spanId)) {
    return undefined;
  }
  const isForeign = remote.isRemote !== true && !!storage.getStore()?.span;
  return isForeign ? undefined : { remote };
}

/**
 * A tracer with OpenTelemetry's API, to be handed to instrumentations and to the Vercel AI SDK. What its
 * spans tell of models, in the keys of any known instrumentation, becomes prompts, completions and tools.
 *
 * @example
 * generateText({ model, prompt, experimental_telemetry: { isEnabled: true, tracer } });
 */
// Without this mark no bundle could leave it out, and with it all dialects of `wire/genai`.
export const tracer: Tracer = /* @__PURE__ */ tracerOf({ name: null, version: null });

/**
 * A tracer provider with OpenTelemetry's API. It is registered nowhere: hand it to whoever asks.
 *
 * @example
 * instrumentation.setTracerProvider(tracerProvider);
 */
export const tracerProvider: TracerProvider = {
  getTracer: (name, version) => tracerOf({ name: name || null, version: version ?? null }),
};
