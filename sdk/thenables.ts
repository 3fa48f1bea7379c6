/**
 * Results with a `then` that are no plain promises: query builders that run only when awaited, client
 * promises with methods of their own. They must stay the very objects they are, and calling `then`
 * ourselves could run a query twice; so we listen when the caller calls it.
 */
import type { LiveSpan } from './live-span.ts';
import { failed, succeeded } from './outcome.ts';

type Then = (onFulfilled?: unknown, onRejected?: unknown) => unknown;

/** Whether the result is a thenable whose settling will end the span. */
export function traceThenable(span: LiveSpan, result: object): boolean {
  try {
    const original: unknown = (result as { then?: unknown }).then;
    if (typeof original !== 'function') return false;
    const listening: Then = (onFulfilled, onRejected) =>
      Reflect.apply(original, result, [
        (value: unknown) => {
          succeeded(span, value);
          return typeof onFulfilled === 'function' ? onFulfilled(value) : value;
        },
        (thrown: unknown) => {
          failed(span, thrown);
          if (typeof onRejected === 'function') return onRejected(thrown);
          throw thrown;
        },
      ]);
    Object.defineProperty(result, 'then', {
      value: listening,
      configurable: true,
      writable: true,
      enumerable: false,
    });
    return true;
  } catch {
    // Frozen, or a proxy that refuses: the span ends with the call instead of with the promise.
    return false;
  }
}
