/**
 * Results with a `then` that are not plain promises: query builders that run only when awaited, and
 * client promises with additional methods. The caller must get the same object, and calling `then`
 * here could run a query twice; so methods are wrapped and observed when the caller calls them.
 */

import { canPatch, patch } from '../platform/patch.ts';
import { isPlainPromise, observeThen, replacePromise } from '../platform/promises.ts';
import { type Fields, hasFields, isFunction, isInstance } from '../platform/values.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { endOrFollow } from './follow-result.ts';
import { endWithError } from './outcome.ts';
import type { StreamRecorder } from './stream-recorder.ts';
import { unwatch, watch } from './unread-results.ts';
import { followResponse } from './web-streams.ts';

/** Ends the span when a thenable settles. False when the result is not one, or cannot be wrapped. */
export function traceThenable(span: RecordingSpan, result: object): boolean {
  try {
    if (!isFunction((result as Fields).then) || !canPatch(result)) return false;
    watch(span, result);
    if (isClientPromise(result)) traceClientPromise(span, result);
    else {
      const fail = (thrown: unknown): void => endWithError(span, thrown);
      observeThen(result, answerCell(span), fail, () => unwatch(result));
    }
    return true;
  } catch {
    // A frozen object or a proxy cannot be wrapped: the span ends with the call.
    return false;
  }
}

/** Takes the answer once: awaiting a result twice returns the same stream twice. */
function answerCell(span: RecordingSpan): (value: unknown) => unknown {
  let taken: { readonly given: unknown; readonly value: unknown } | undefined;
  return (given) => {
    // A thenable may settle with another value each time; each is passed on.
    if (taken && Object.is(taken.given, given)) return taken.value;
    if (taken) return given;
    taken = { given, value: endOrFollow(span, given) };
    return taken.value;
  };
}

/** A promise of the clients of OpenAI and Anthropic, which sends one request and has several results. */
type ClientPromise = Promise<unknown> & Fields;

const isClientPromise = (value: unknown): value is ClientPromise =>
  isInstance(value, Promise) &&
  isFunction((value as unknown as Fields).parse) &&
  isFunction((value as unknown as Fields).asResponse);

/**
 * Observes the methods that give a result: `parse()`, which `then` calls, `asResponse()`, and
 * `_thenUnwrap()`, whose promise gives a result of its own. Fields of the promise stay as they are, since
 * its methods may use other references to the same values.
 */
function traceClientPromise(span: RecordingSpan, promise: ClientPromise): void {
  const answer = answerCell(span);
  const fail = (thrown: unknown): void => endWithError(span, thrown);
  let isParsed = false;
  let response: StreamRecorder | undefined;
  patch(promise, 'parse', (original, self, args) => {
    unwatch(promise);
    isParsed = true;
    response?.detach();
    const parsed = Reflect.apply(original, self, args);
    return isPlainPromise(parsed) ? replacePromise(parsed, answer, fail) : parsed;
  });
  patch(promise, 'asResponse', (original, self, args) => {
    unwatch(promise);
    const sent = Reflect.apply(original, self, args);
    if (!isPlainPromise(sent)) return sent;
    // Until the caller asks for the answer, reading the response is the only way to it.
    const take = (value: unknown): unknown => {
      if (!isParsed && !response && isResponse(value)) {
        response = followResponse(span, value, true)?.recorder;
      }
      return value;
    };
    return replacePromise(sent, take, fail);
  });
  if (!isFunction(promise._thenUnwrap)) return;
  patch(promise, '_thenUnwrap', (original, self, args) => {
    unwatch(promise);
    const unwrapped = Reflect.apply(original, self, args);
    if (isClientPromise(unwrapped)) traceThenable(span, unwrapped);
    return unwrapped;
  });
}

const isResponse = (value: unknown): value is Response =>
  hasFields(value) && isInstance(value, globalThis.Response);
