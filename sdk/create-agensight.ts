/** `createAgensight`: several configurations of the SDK in one process. */

import type { InitOptions } from './config/init-options.ts';
import { bind, withSession } from './current.ts';
import type { FlushResult, Status } from './instance.ts';
import { configure, type FlushOptions, flushOf, shutdownOf, statusOf } from './instance.ts';
import { instrument } from './instrument/instrument.ts';
import { extract, injectOf } from './interop/propagation.ts';
import { AgensightSpanProcessor, type SpanProcessorOptions } from './interop/span-processor.ts';
import { createTracerProvider, type tracer, type tracerProvider } from './interop/tracer.ts';
import { createInstance, scopeOf } from './runtime/runtime.ts';
import { serverless } from './serverless.ts';
import type { ActiveSpan } from './span/active-span.ts';
import type { ActiveTrace } from './span/trace-state.ts';
import type { SpanSymbol } from './span.ts';
import { type StartSpanOptions, startSpanOf } from './start-span.ts';
import type { TraceSymbol } from './trace.ts';
import { apply } from './wrap/decorate.ts';

/**
 * An instance of the SDK with its own options, records and counts: the result of
 * {@link createAgensight}. Its members do what the exports of the same names do for the instance that
 * `init` configures.
 *
 * @example
 * const billing: Agensight = createAgensight({ name: 'billing', token: process.env.BILLING_TOKEN });
 */
export interface Agensight {
  /** Replaces all options of this instance. */
  init(options?: InitOptions): void;
  readonly trace: TraceSymbol;
  readonly span: SpanSymbol;
  startSpan(name: string | StartSpanOptions, options?: StartSpanOptions): ActiveSpan;
  /** The innermost open span of this instance; spans of other instances are passed over. */
  currentSpan(): ActiveSpan | undefined;
  /** The trace of {@link Agensight.currentSpan}. */
  currentTrace(): ActiveTrace | undefined;
  /** Sets the session of traces that start inside the function, in all instances. */
  readonly withSession: typeof withSession;
  readonly bind: typeof bind;
  /** Model calls are recorded by the instance whose span is the current one. */
  readonly instrument: typeof instrument;
  readonly tracer: typeof tracer;
  readonly tracerProvider: typeof tracerProvider;
  inject<C extends object>(carrier: C): C;
  readonly extract: typeof extract;
  /** A span processor for another OpenTelemetry SDK; see {@link AgensightSpanProcessor}. */
  spanProcessor(options?: SpanProcessorOptions): AgensightSpanProcessor;
  /** Delivers the records of all instances, because the platform freezes the whole process. */
  readonly serverless: typeof serverless;
  flush(options?: FlushOptions): Promise<FlushResult>;
  shutdown(options?: FlushOptions): Promise<FlushResult>;
  status(): Status;
}

/**
 * Creates an instance of the SDK beside the default one, for a program that records into several
 * projects, such as one per tenant. Each instance has its own options, token, queue, traces and counts:
 * its spans never join the trace of another instance, and a failure of its server does not delay others.
 *
 * Model calls that the transport records belong to the instance whose span is the current one; outside
 * of all spans, to the one that `init` configured, or else to the only one. An instance is kept until
 * `shutdown()`, so create one per project and not one per request.
 *
 * @param options Options as of `init`; defaults and environment variables are the same.
 * @returns the instance; its methods need no `this`
 * @throws {OptionsError} when an option is invalid or unknown, or when the mode `dev` or `prod` has no
 *   token
 * @example
 * const tenant = createAgensight({ name: 'chat', mode: 'prod', token: tenantToken });
 * const answer = tenant.trace('answer', async (question: string) => ask(question));
 * await answer('Why is the sky blue?');
 * await tenant.shutdown();
 */
export function createAgensight(options: InitOptions = {}): Agensight {
  const instance = createInstance();
  const symbol = (...args: readonly unknown[]): unknown => apply(instance, args);
  const provider = createTracerProvider(instance);
  configure(instance, options);
  return {
    init: (changed = {}) => configure(instance, changed),
    trace: symbol as TraceSymbol,
    span: symbol as SpanSymbol,
    startSpan: (name, given) => startSpanOf(instance, name, given),
    currentSpan: () => scopeOf(instance)?.span,
    currentTrace: () => scopeOf(instance)?.span?.trace,
    withSession,
    bind,
    instrument,
    tracer: provider.getTracer(''),
    tracerProvider: provider,
    inject: (carrier) => injectOf(instance, carrier),
    extract,
    spanProcessor: (given) => new AgensightSpanProcessor(given, instance),
    serverless,
    flush: (given) => flushOf(instance, given),
    shutdown: (given) => shutdownOf(instance, given),
    status: () => statusOf(instance),
  };
}
