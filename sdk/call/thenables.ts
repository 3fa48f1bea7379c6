/**
 * Results with a `then` that are not plain promises: query builders that run only when awaited, and
 * client promises with additional methods. The caller must get the same object, and calling `then`
 * here could run a query twice; so `then` is wrapped and observed when the caller calls it.
 */

import { patch } from '../platform/patch.ts';
import { type Fields, isFunction } from '../platform/values.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { endOrFollow, endWhenSettled } from './follow-result.ts';
import { endWithError } from './outcome.ts';

/** Ends the span when a thenable settles. False when the result is not one, or cannot be wrapped. */
export function traceThenable(span: RecordingSpan, result: object): boolean {
  try {
    const { then, parse } = result as { then?: unknown; parse?: unknown };
    if (!isFunction(then)) return false;
    // Awaiting the result twice returns the same stream twice.
    let taken: { readonly value: unknown } | undefined;
    const take = (value: unknown): unknown => {
      taken ??= { value: endOrFollow(span, value) };
      return taken.value;
    };
    if (result instanceof Promise && isFunction(parse)) {
      if (traceRequest(span, result as Promise<unknown> & Fields, take)) return true;
      patch(result, 'parse', (original, self) =>
        endWhenSettled(span, Reflect.apply(original, self, []) as Promise<unknown>, take),
      );
    } else {
      patch(result, 'then', (original, self, [onFulfilled, onRejected]) =>
        Reflect.apply(original, self, [
          (value: unknown) => {
            const result = take(value);
            return isFunction(onFulfilled) ? onFulfilled(result) : result;
          },
          (thrown: unknown) => {
            endWithError(span, thrown);
            if (isFunction(onRejected)) return onRejected(thrown);
            throw thrown;
          },
        ]),
      );
    }
    return true;
  } catch {
    // A frozen object or a proxy cannot be wrapped: the span ends with the call.
    return false;
  }
}

/**
 * A promise of the clients of OpenAI and Anthropic. It has the request (`responsePromise`) and the
 * function that parses the response, through which all methods read the response, also the promises of
 * `parse()` helpers. Only `asResponse()` leaves parsing to the caller.
 */
function traceRequest(
  span: RecordingSpan,
  result: Promise<unknown> & Fields,
  take: (value: unknown) => unknown,
): boolean {
  const { responsePromise, parseResponse, asResponse } = result;
  if (!(responsePromise instanceof Promise) || !isFunction(parseResponse)) return false;
  patch(result, 'parseResponse', (original, self, args) =>
    endWhenSettled(span, Reflect.apply(original, self, args) as Promise<unknown>, take),
  );
  result.responsePromise = endWhenSettled(span, responsePromise, (response) => response);
  if (isFunction(asResponse)) {
    patch(result, 'asResponse', (original, self) => {
      const response = Reflect.apply(original, self, []) as Promise<unknown>;
      return (self as Fields).parsedPromise ? response : response.then(take);
    });
  }
  return true;
}
