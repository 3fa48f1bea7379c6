/// <reference lib="esnext.disposable" preserve="true" />
/** An open span, as the host program uses it. */
import type { Span } from '@opentelemetry/api';
import type { SPAN_KINDS } from '../../wire/protocol.ts';

/** What a span does. */
export type SpanKindName = (typeof SPAN_KINDS)[number];

/**
 * An open span: the methods of OpenTelemetry's `Span`, and those below. After its end, and while the
 * SDK is not initialised, all methods do nothing. None of them throws.
 *
 * @see https://opentelemetry.io/docs/specs/otel/trace/api/#span
 * @example
 * const step = startSpan('retrieve');
 * const documents = await step.run(() => search(query));
 * step.setInput(query).setOutput(documents.length).end();
 */
export interface ActiveSpan extends Span {
  /**
   * Sets the input, in place of a function's arguments. The value is captured now.
   * @returns this span
   */
  setInput(value: unknown): this;
  /**
   * Sets the output, in place of a function's result. The value is captured now.
   * @returns this span
   */
  setOutput(value: unknown): this;
  /**
   * Sets the status to `error` and records the error with its stack and causes.
   * @param error The thrown value, of any type.
   * @returns this span
   */
  recordError(error: unknown): this;
  /**
   * Runs a function with this span as the current one, so that spans inside it become its children,
   * also after `await`. A thrown error or a rejection is recorded. The span stays open.
   * @returns the result of the function
   * @throws whatever the function throws
   */
  run<R>(fn: () => R): R;
  /** Ends the span at the end of the block: `using span = startSpan('step')`. */
  [Symbol.dispose](): void;
  /** The same for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
