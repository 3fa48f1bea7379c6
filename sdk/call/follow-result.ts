/**
 * Results that go on after the call returned: generators, streams, bodies. The caller gets the same
 * object wherever it can be listened to, and the span ends when it ends.
 */

import { type Method, patch } from '../platform/patch.ts';
import { isFunction, isObject } from '../platform/values.ts';
import { storage } from '../span/context.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { endWithResult, failed } from './outcome.ts';
import { holders, StreamRecorder } from './stream-recorder.ts';
import { followReadable, followResponse } from './web-streams.ts';

type Methods = Record<PropertyKey, unknown>;

/** Ends the span with the result, now or at the result's own end; returns what the caller gets. */
export function settle(span: RecordingSpan, result: unknown): unknown {
  if (isObject(result)) {
    try {
      const wrapped = follow(span, result);
      if (wrapped) return wrapped;
    } catch {
      // Frozen, or a proxy that refuses: the span ends with the call.
    }
  }
  endWithResult(span, result);
  return result;
}

/** The same for a result that comes later. */
export const settleLater = (
  span: RecordingSpan,
  result: Promise<unknown>,
  take = (value: unknown) => settle(span, value),
): Promise<unknown> =>
  result.then(take, (thrown: unknown) => {
    failed(span, thrown);
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
  // Streams with events run by themselves, whether or not somebody iterates over them.
  const emit = '_emit' in result ? '_emit' : 'readableEnded' in result ? 'emit' : undefined;
  if (emit) listen(recorder, result, emit);
  else if (isFunction(result.next)) followSteps(recorder, result);
  else {
    // `tee()` of the clients of OpenAI and Anthropic takes this way around `Symbol.asyncIterator`.
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

/** Runs each step of an iterator inside the span, and ends the span with the iterator. */
function followSteps(recorder: StreamRecorder, iterator: Methods): void {
  const took = (step: IteratorResult<unknown>): unknown => {
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
        ? result.then(took, recorder.rethrow)
        : took(result as IteratorResult<unknown>);
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
