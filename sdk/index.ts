/** The public API. Everything that is not exported here is internal and may change. */

export type { PersonalKind } from '../wire/redaction/personal.ts';
export type { SpanOptions, TraceOptions } from './call/definition.ts';
export type { InitOptions, Mode, WaitUntil } from './config/init-options.ts';
export { OptionsError } from './config/option.ts';
export type { ProviderPackage } from './config/provider-packages.ts';
export type { Session } from './config/session.ts';
export { type Agensight, createAgensight } from './create-agensight.ts';
export { bind, currentSpan, currentTrace, withSession } from './current.ts';
export { flush, init, shutdown, status } from './init.ts';
export type { FlushOptions, FlushResult, Status } from './instance.ts';
export { type InstrumentOptions, instrument } from './instrument/instrument.ts';
export { type AgentsTraceProcessor, agentsTraceProcessor } from './interop/agents-tracing.ts';
export { contextManager } from './interop/context-manager.ts';
export type { EndedSpan } from './interop/otel-types.ts';
export { extract, inject } from './interop/propagation.ts';
export {
  AgensightSpanProcessor,
  type SpanProcessorOptions,
} from './interop/span-processor.ts';
export { tracer, tracerProvider } from './interop/tracer.ts';
export type { Mask, MaskContext } from './redaction/mask.ts';
export type { LogLevel, OnWarning, Warning } from './report/warnings.ts';
export { type ServerlessOptions, serverless } from './serverless.ts';
export type { ActiveSpan } from './span/active-span.ts';
export type { ActiveTrace } from './span/trace-state.ts';
export { type SpanSymbol, span } from './span.ts';
export { type StartSpanOptions, startSpan } from './start-span.ts';
export { type TraceSymbol, trace } from './trace.ts';
export type { Decorator } from './wrap/decorate.ts';
