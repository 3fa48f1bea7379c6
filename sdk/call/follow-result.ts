/**
 * Results that continue after the call returned: generators, streams and response bodies. The caller
 * gets the same object where its methods can be wrapped, and the span ends when the result ends.
 */

import { type Method, patch } from '../platform/patch.ts';
import { hasFields, isFunction } from '../platform/values.ts';
import { storage } from '../span/context.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { endWithError, endWithResult } from './outcome.ts';
import { holders, StreamRecorder } from './stream-recorder.ts';
import { followReadable, followResponse } from './web-streams.ts';

type Methods = Record<PropertyKey, unknown>;

/** Ends the span with the result, now or when the result ends. Returns the result for the caller. */
export function endOrFollow(span: RecordingSpan, result: unknown): unknown {
  if (hasFields(result)) {
    try {
      const wrapped = follow(span, result);
      if (wrapped) return wrapped;
    } catch {
      // A frozen object or a proxy cannot be wrapped: the span ends now.
    }
  }
  endWithResult(span, result);
  return result;
}

/** Ends the span when the promise of its result settles. */
export const endWhenSettled = (
  span: RecordingSpan,
  result: Promise<unknown>,
  take = (value: unknown) => endOrFollow(span, value),
): Promise<unknown> =>
  result.then(take, (thrown: unknown) => {
    endWithError(span, thrown);
    throw thrown;
  });

function follow(span: RecordingSpan, result: Methods): object | undefined {
  const tag = result[Symbol.toStringTag];
  const isIterable = typeof result[Symbol.asyncIterator] === 'function';
  if (tag === undefined && !isIterable) return undefined;
  if (tag === 'ReadableStream') return followReadable(span, result as unknown as ReadableStream);
  if (tag === 'Response') return followResponse(span, result as unknown as Response);
  if (!isIterable && tag !== 'Generator') return undefined;
  const recorder = new StreamRecorder(span, result);
  // Streams with events also run when nothing iterates over them.
  const emit = '_emit' in result ? '_emit' : 'readableEnded' in result ? 'emit' : undefined;
  if (emit) listen(recorder, result, emit);
  else if (isFunction(result.next)) followSteps(recorder, result);
  else {
    // `tee()` of the clients of OpenAI and Anthropic calls `iterator`, not `Symbol.asyncIterator`.
    const key = Object.hasOwn(result, 'iterator') ? 'iterator' : Symbol.asyncIterator;
    patch(result, key, (begin, self, args) => {
      const iterator = inside(recorder, begin, self, args) as Methods;
      holders.set(iterator, result);
      followSteps(recorder, iterator);
      return iterator;
    });
  }
  return result;
}

/** Runs each step of an iterator inside the span, and ends the span when the iterator is done. */
function followSteps(recorder: StreamRecorder, iterator: Methods): void {
  const record = (step: IteratorResult<unknown>): unknown => {
    if (step.done) recorder.end(step.value);
    else recorder.add(step.value);
    return step;
  };
  for (const key of ['next', 'return', 'throw']) {
    if (typeof iterator[key] !== 'function') continue;
    patch(iterator, key, (step, self, args) => {
      let result: unknown;
      try {
        result = inside(recorder, step, self, args);
      } catch (thrown) {
        return recorder.rethrow(thrown);
      }
      return result instanceof Promise
        ? result.then(record, recorder.rethrow)
        : record(result as IteratorResult<unknown>);
    });
  }
}

function listen(recorder: StreamRecorder, stream: Methods, emit: string): void {
  patch(stream, emit, (original, self, args) => {
    const [event, value] = args;
    if (/^(data|chunk|event|streamEvent)$/.test(String(event))) recorder.add(value);
    else if (event === 'error') recorder.fail(value);
    else if (event === 'end' || event === 'close' || event === 'abort') recorder.end();
    return Reflect.apply(original, self, args);
  });
}

const inside = (recorder: StreamRecorder, fn: Method, self: unknown, args: unknown[]): unknown =>
  storage.run(recorder.span, () => Reflect.apply(fn, self, args));
