/**
 * A tracer with OpenTelemetry's API for instrumentations that accept one. It is not registered
 * globally, so it does not interfere with another OpenTelemetry SDK in the program.
 */
import type {
  Context,
  SpanOptions as OtelSpanOptions,
  Span,
  SpanContext,
  Tracer,
  TracerProvider,
} from '@opentelemetry/api';
import { clockOffset, millisOf } from '../platform/clock.ts';
import { isInstance } from '../platform/values.ts';
import type { Instance, Runtime } from '../runtime/runtime.ts';
import { active, instanceOf, scopeOf } from '../runtime/runtime.ts';
import { announceSpan } from '../span/announced-spans.ts';
import { storage, turn } from '../span/context.ts';
import { NOOP_SPAN } from '../span/noop-span.ts';
import { isRecordingSpan, type RecordingSpan } from '../span/recording-span.ts';
import type { InstrumentationScope } from './otel-types.ts';
import { TracerSpan } from './tracer-span.ts';

/** The key under which `@opentelemetry/api` keeps the span of a context (`createContextKey`). */
export const SPAN_KEY: symbol = Symbol.for('OpenTelemetry Context Key SPAN');

const NO_SCOPE: InstrumentationScope = { name: null, version: null };

type Callback = (span: Span) => unknown;

/** The key that suppresses tracing in a context (`suppressTracing` of `@opentelemetry/core`). */
const SUPPRESS_KEY = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** A tracer for one instrumentation scope, whose name may decide how counts are read. */
function tracerOf(instance: Instance, scope: InstrumentationScope): Tracer {
  const start = (name: string, options?: OtelSpanOptions, context?: Context): Span => {
    const { runtime } = instance;
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
 * An instrumentation without a context manager starts a span and calls the client in the same turn of
 * the event loop. An instrumented client that is called in this turn becomes its child.
 */
function announce(span: RecordingSpan): void {
  turn.justStarted = span;
  announceSpan(span);
  void Promise.resolve().then(() => {
    if (turn.justStarted === span) turn.justStarted = undefined;
  });
}

function open(
  runtime: Runtime,
  library: InstrumentationScope,
  name: string,
  options: OtelSpanOptions,
  context: Context | undefined,
): RecordingSpan {
  const scope = scopeOf(runtime.instance);
  const given = options.root ? undefined : parentIn(runtime.instance, context);
  const parent = options.root
    ? undefined
    : (given?.ours ?? (given?.remote ? undefined : scope?.span));
  const remote = options.root ? undefined : (given?.remote ?? scope?.remote);
  const offset = parent?.trace.clockOffset ?? clockOffset();
  const at = options.startTime === undefined ? undefined : millisOf(options.startTime, offset);
  const span = !parent
    ? runtime.openRoot(name, 'span', scope?.session, remote, at, TracerSpan)
    : runtime.openChild(parent, name, 'span', at, TracerSpan);
  if (isInstance(span, TracerSpan)) {
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
 * The parent in a context. A local span of another tracer is ignored while a span of ours is open,
 * because instrumentations pass the active context of the registered OpenTelemetry SDK.
 */
function parentIn(instance: Instance, context: Context | undefined): GivenParent | undefined {
  const span = context?.getValue(SPAN_KEY) as Span | undefined;
  if (!span) return undefined;
  if (isRecordingSpan(span)) return instanceOf(span) === instance ? { ours: span } : undefined;
  const remote = span.spanContext();
  const { traceId, spanId } = remote;
  // All zeros mean "none" (W3C Trace Context).
  if (!/^(?!0+$)[0-9a-f]{32}$/.test(traceId) || !/^(?!0+$)[0-9a-f]{16}$/.test(spanId)) {
    return undefined;
  }
  const isForeign = remote.isRemote !== true && !!scopeOf(instance)?.span;
  return isForeign ? undefined : { remote };
}

/**
 * A tracer with OpenTelemetry's API, for instrumentations and the Vercel AI SDK. Spans that describe
 * model calls of any instrumentation are recorded with prompts, completions and tools.
 * @see https://opentelemetry.io/docs/specs/otel/trace/api/#tracer
 *
 * @example
 * const telemetry = { integrations: [new OpenTelemetry({ usage: true, tracer })] };
 * generateText({ model, prompt, telemetry });
 */
// The annotation lets bundlers remove an unused tracer, and with it the reader of `wire/genai`.
export const tracer: Tracer = /* @__PURE__ */ tracerOf(active, NO_SCOPE);

/**
 * A tracer provider with OpenTelemetry's API. It is not registered globally; pass it to
 * instrumentations.
 * @see https://opentelemetry.io/docs/specs/otel/trace/api/#tracerprovider
 *
 * @example
 * instrumentation.setTracerProvider(tracerProvider);
 */
export const tracerProvider: TracerProvider = /* @__PURE__ */ createTracerProvider(active);

/** The tracer provider of an instance. */
export function createTracerProvider(instance: Instance): TracerProvider {
  return {
    getTracer: (name, version) =>
      tracerOf(instance, { name: name || null, version: version ?? null }),
  };
}
