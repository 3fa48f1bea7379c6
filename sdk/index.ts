/** The public surface: everything that is not named here is free to change. */

export type { ActiveSpan } from './active-span.ts';
export { contextManager } from './context-manager.ts';
export { currentSpan, currentTrace, withSession } from './current.ts';
export type { Decorator } from './decorate.ts';
export type { SpanOptions, TraceOptions } from './definition.ts';
export { OptionsError } from './errors.ts';
export { type FlushResult, flush, init, type Status, shutdown, status } from './init.ts';
export { instrument } from './instrument.ts';
export type { Mask, MaskContext } from './mask.ts';
export type { InitOptions, Mode, WaitUntil } from './options.ts';
export { extract, inject } from './propagation.ts';
export type { ProviderPackage } from './provider-packages.ts';
export { type ServerlessOptions, serverless } from './serverless.ts';
export type { Session } from './sessions.ts';
export { type SpanSymbol, span } from './span.ts';
export {
  AgensightSpanProcessor,
  type EndedSpan,
  type SpanProcessorOptions,
} from './span-processor.ts';
export { type StartSpanOptions, startSpan } from './start-span.ts';
export { type TraceSymbol, trace } from './trace.ts';
export type { ActiveTrace } from './trace-facts.ts';
export { tracer, tracerProvider } from './tracer.ts';
export type { OnWarning, Warning } from './warnings.ts';
