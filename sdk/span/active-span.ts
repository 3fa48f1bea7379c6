/// <reference lib="esnext.disposable" preserve="true" />
/** A span that is open, as the program sees it. */
import type { Span } from '@opentelemetry/api';

/**
 * An open span: OpenTelemetry's methods, and those below. After its end, and while nothing is
 * recorded, they do nothing; none of them ever throws.
 */
export interface ActiveSpan extends Span {
  /** Says what went in, where that is not the arguments of a function. Recorded as it is now. */
  setInput(value: unknown): this;
  /** Says what came out, where that is not the result of a function. Recorded as it is now. */
  setOutput(value: unknown): this;
  /** Marks the span as failed and records the error with its stack and causes. */
  recordError(error: unknown): this;
  /**
   * Runs a function with this span as the current one, so that spans inside it become its children,
   * across awaits. What it throws is recorded and thrown on. The span goes on until it is ended.
   */
  run<R>(fn: () => R): R;
  /** Ends the span: `using span = startSpan('step')`. */
  [Symbol.dispose](): void;
  /** The same for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
