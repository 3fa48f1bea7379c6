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
import { millisOf } from './clock.ts';
import { isOurs, type LiveSpan } from './live-span.ts';
import { NO_SPAN } from './no-span.ts';
import type { Runtime } from './runtime.ts';
import { state } from './state.ts';

/** The key under which `@opentelemetry/api` keeps the span of a context (`createContextKey`). */
const SPAN_KEY = Symbol.for('OpenTelemetry Context Key SPAN');

type Callback = (span: Span) => unknown;

function startActiveSpan(name: string, ...rest: unknown[]): unknown {
  const fn = rest.at(-1) as Callback;
  const options = rest.length > 1 ? (rest[0] as OtelSpanOptions) : undefined;
  const context = rest.length > 2 ? (rest[1] as Context) : undefined;
  const span = start(name, options, context);
  return isOurs(span) ? state.storage.run(span, fn, span) : fn(span);
}

function start(name: string, options: OtelSpanOptions | undefined, context?: Context): Span {
  const { runtime } = state;
  if (!runtime) return NO_SPAN;
  try {
    return open(runtime, String(name), options ?? {}, context);
  } catch {
    return NO_SPAN;
  }
}

function open(
  runtime: Runtime,
  name: string,
  options: OtelSpanOptions,
  context: Context | undefined,
): LiveSpan {
  const scope = state.storage.getStore();
  const given = options.root ? undefined : parentIn(context);
  const parent = options.root
    ? undefined
    : (given?.ours ?? (given?.remote ? undefined : scope?.span));
  const offset = parent?.trace.clockOffset ?? performance.timeOrigin;
  const at = options.startTime === undefined ? undefined : millisOf(options.startTime, offset);
  const span = !parent
    ? runtime.openRoot(name, 'span', scope?.session, given?.remote, at)
    : runtime.openChild(parent, name, 'span', at);
  if (options.attributes) span.setAttributes(options.attributes);
  if (options.links) span.addLinks(options.links);
  return span;
}

interface GivenParent {
  readonly ours?: LiveSpan;
  readonly remote?: SpanContext;
}

/**
 * The parent that a context names. A span of another tracer in this process is none, as long as one
 * of ours is open: instrumentations pass the active context of whoever registered one.
 */
function parentIn(context: Context | undefined): GivenParent | undefined {
  const span = context?.getValue(SPAN_KEY) as Span | undefined;
  if (!span) return undefined;
  if (isOurs(span)) return { ours: span };
  const remote = span.spanContext();
  const { traceId, spanId } = remote;
  // All zeros mean "none" (W3C Trace Context).
  if (!/^(?!0+$)[0-9a-f]{32}$/.test(traceId) || !/^(?!0+$)[0-9a-f]{16}$/.test(spanId)) {
    return undefined;
  }
  const isForeign = remote.isRemote !== true && !!state.storage.getStore()?.span;
  return isForeign ? undefined : { remote };
}

/** A tracer with OpenTelemetry's API, to be handed to instrumentations and to the Vercel AI SDK. */
export const tracer = { startSpan: start, startActiveSpan } as Tracer;

/** A tracer provider with OpenTelemetry's API. */
export const tracerProvider: TracerProvider = { getTracer: () => tracer };
