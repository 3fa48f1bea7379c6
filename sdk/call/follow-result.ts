/**
 * Results that go on after the call returned: generators, streams, bodies. The caller gets the same
 * object wherever it can be listened to, and the span ends when it ends.
 */

import { type Method, patch } from '../platform/patch.ts';
import { isFunction, isObject } from '../platform/values.ts';
import { storage } from '../span/context.ts';
import type { LiveSpan } from '../span/recording-span.ts';
import { failed, succeeded } from './outcome.ts';
import { holders, Tape } from './stream-recorder.ts';
import { followReadable, followResponse } from './web-streams.ts';

type Methods = Record<PropertyKey, unknown>;

/** Ends the span with the result, now or at the result's own end; returns what the caller gets. */
export function settle(span: LiveSpan, result: unknown): unknown {
  if (isObject(result)) {
    try {
      const followed = follow(span, result);
      if (followed) return followed;
    } catch {
      // Frozen, or a proxy that refuses: the span ends with the call.
    }
  }
  succeeded(span, result);
  return result;
}

/** The same for a result that comes later. */
export const settleLater = (
  span: LiveSpan,
  result: Promise<unknown>,
  take = (value: unknown) => settle(span, value),
): Promise<unknown> =>
  result.then(take, (thrown: unknown) => {
    failed(span, thrown);
    throw thrown;
  });

function follow(span: LiveSpan, result: Methods): object | undefined {
  const tag = result[Symbol.toStringTag];
  const isIterable = typeof result[Symbol.asyncIterator] === 'function';
  if (tag === undefined && !isIterable) return undefined;
  if (tag === 'ReadableStream') return followReadable(span, result as unknown as ReadableStream);
  if (tag === 'Response') return followResponse(span, result as unknown as Response);
  if (!isIterable && tag !== 'Generator') return undefined;
  const tape = new Tape(span, result);
  // Streams with events run by themselves, whether or not somebody iterates over them.
  const emit = '_emit' in result ? '_emit' : 'readableEnded' in result ? 'emit' : undefined;
  if (emit) listen(tape, result, emit);
  else if (isFunction(result.next)) followSteps(tape, result);
  else {
    // `tee()` of the clients of OpenAI and Anthropic takes this way around `Symbol.asyncIterator`.
    const key = Object.hasOwn(result, 'iterator') ? 'iterator' : Symbol.asyncIterator;
    patch(result, key, (begin, self, args) => {
      const iterator = inside(tape, begin, self, args) as Methods;
      holders.set(iterator, result);
      followSteps(tape, iterator);
      return iterator;
    });
  }
  return result;
}

/** Runs each step of an iterator inside the span, and ends the span with the iterator. */
function followSteps(tape: Tape, iterator: Methods): void {
  const took = (step: IteratorResult<unknown>): unknown => {
    if (step.done) tape.end(step.value);
    else tape.add(step.value);
    return step;
  };
  for (const key of ['next', 'return', 'throw']) {
    if (typeof iterator[key] !== 'function') continue;
    patch(iterator, key, (step, self, args) => {
      let result: unknown;
      try {
        result = inside(tape, step, self, args);
      } catch (thrown) {
        return tape.rethrow(thrown);
      }
      return result instanceof Promise
        ? result.then(took, tape.rethrow)
        : took(result as IteratorResult<unknown>);
    });
  }
}

function listen(tape: Tape, stream: Methods, emit: string): void {
  patch(stream, emit, (original, self, args) => {
    const [event, value] = args;
    if (/^(data|chunk|event|streamEvent)$/.test(String(event))) tape.add(value);
    else if (event === 'error') tape.fail(value);
    else if (event === 'end' || event === 'close' || event === 'abort') tape.end();
    return Reflect.apply(original, self, args);
  });
}

const inside = (tape: Tape, fn: Method, self: unknown, args: unknown[]): unknown =>
  storage.run(tape.span, () => Reflect.apply(fn, self, args));
