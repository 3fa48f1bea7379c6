/**
 * Results with a `then` that are no plain promises: query builders that run only when awaited, client
 * promises with methods of their own. They must stay the very objects they are, and calling `then`
 * ourselves could run a query twice; so we listen when the caller calls it.
 */

import { patch } from '../platform/patch.ts';
import { type Fields, isFunction } from '../platform/values.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { settle, settleLater } from './follow-result.ts';
import { failed } from './outcome.ts';

/** Whether the result is a thenable whose settling will end the span. */
export function traceThenable(span: RecordingSpan, result: object): boolean {
  try {
    const { then, parse } = result as { then?: unknown; parse?: unknown };
    if (!isFunction(then)) return false;
    // Whoever awaits it twice gets the same stream twice.
    let taken: { readonly value: unknown } | undefined;
    const take = (value: unknown): unknown => {
      taken ??= { value: settle(span, value) };
      return taken.value;
    };
    if (result instanceof Promise && isFunction(parse)) {
      if (traceRequest(span, result as Promise<unknown> & Fields, take)) return true;
      patch(result, 'parse', (original, self) =>
        settleLater(span, Reflect.apply(original, self, []) as Promise<unknown>, take),
      );
    } else {
      patch(result, 'then', (original, self, [onFulfilled, onRejected]) =>
        Reflect.apply(original, self, [
          (value: unknown) => {
            const result = take(value);
            return isFunction(onFulfilled) ? onFulfilled(result) : result;
          },
          (thrown: unknown) => {
            failed(span, thrown);
            if (isFunction(onRejected)) return onRejected(thrown);
            throw thrown;
          },
        ]),
      );
    }
    return true;
  } catch {
    // Frozen, or a proxy that refuses: the span ends with the call instead of with the promise.
    return false;
  }
}

/**
 * A promise of the clients of OpenAI and Anthropic: a request, and how its response is read. All ways
 * to the answer go by these two, also the promise that `parse()` helpers make of this one; only
 * `asResponse()` leaves the reading to the caller.
 */
function traceRequest(
  span: RecordingSpan,
  result: Promise<unknown> & Fields,
  take: (value: unknown) => unknown,
): boolean {
  const { responsePromise, parseResponse, asResponse } = result;
  if (!(responsePromise instanceof Promise) || !isFunction(parseResponse)) return false;
  patch(result, 'parseResponse', (original, self, args) =>
    settleLater(span, Reflect.apply(original, self, args) as Promise<unknown>, take),
  );
  result.responsePromise = settleLater(span, responsePromise, (response) => response);
  if (isFunction(asResponse)) {
    patch(result, 'asResponse', (original, self) => {
      const response = Reflect.apply(original, self, []) as Promise<unknown>;
      return (self as Fields).parsedPromise ? response : response.then(take);
    });
  }
  return true;
}
