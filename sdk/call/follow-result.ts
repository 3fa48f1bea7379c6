/**
 * Results that continue after the call returned: generators, streams, response bodies, observables and
 * cursors. The caller gets the same object where its methods can be wrapped, and the span ends when the
 * result ends. Each kind is recognised by what it is, because other libraries use the same names.
 */

import { canPatch } from '../platform/patch.ts';
import { replacePromise } from '../platform/promises.ts';
import { hasFields, isFunction, isInstance, tagOf } from '../platform/values.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { followEvents, hasEvents } from './event-streams.ts';
import { followIterable, followSteps, isOwnIterator } from './iterators.ts';
import { followObservable, isObservable } from './observables.ts';
import { endWithError, endWithResult } from './outcome.ts';
import { StreamRecorder } from './stream-recorder.ts';
import { followReadable, followResponse } from './web-streams.ts';

type Methods = Record<PropertyKey, unknown>;

/** Ends the span with the result, now or when the result ends. Returns the result for the caller. */
export function endOrFollow(span: RecordingSpan, result: unknown): unknown {
  // The span has ended already when another method of a client promise gave its result.
  if (hasFields(result) && !(span.isEnded && span.trace.isSampled)) {
    try {
      const wrapped = follow(span, result) ?? followPart(span, result);
      if (wrapped) return wrapped;
    } catch {
      // A frozen object or a proxy cannot be wrapped: the span ends now.
    }
  }
  endWithResult(span, result);
  return result;
}

/** Ends the span when the plain promise of its result settles. Returns the promise for the caller. */
export function endWhenSettled(
  span: RecordingSpan,
  result: Promise<unknown>,
  isNew: boolean,
): Promise<unknown> {
  const settled = replacePromise(
    result,
    (value) => endOrFollow(span, value),
    (thrown) => endWithError(span, thrown),
    isNew,
  );
  if (settled === result) endWithResult(span, result);
  return settled;
}

/** Whether an object is data, as most results are: it has no class, and no method that follows a result. */
const isData = (result: Methods): boolean =>
  Object.getPrototypeOf(result) === Object.prototype &&
  result[Symbol.toStringTag] === undefined &&
  result[Symbol.asyncIterator] === undefined &&
  result.subscribe === undefined;

function follow(span: RecordingSpan, result: Methods): object | undefined {
  if (isData(result)) return undefined;
  if (isInstance(result, globalThis.ReadableStream)) return followReadable(span, result);
  const tag = tagOf(result);
  if (tag === 'Response') return followResponse(span, result as unknown as Response)?.result;
  const isAsync = isFunction(result[Symbol.asyncIterator]);
  const isSteps = isAsync
    ? isOwnIterator(result, Symbol.asyncIterator)
    : tag === 'Generator' && isOwnIterator(result, Symbol.iterator);
  if (!isAsync && !isSteps && !isObservable(result)) return undefined;
  if (!canPatch(result)) return undefined;
  const recorder = new StreamRecorder(span, result);
  try {
    if (isSteps) followSteps(recorder, result);
    else if (!isAsync) followObservable(recorder, result);
    // Streams with events also run when nothing iterates over them.
    else if (hasEvents(result)) followEvents(recorder, result);
    else followIterable(recorder, result);
    return result;
  } catch (thrown) {
    recorder.detach();
    throw thrown;
  }
}

/** A result of which one part is a stream: `{ stream, … }`, as of Bedrock's `ConverseStream`. */
function followPart(span: RecordingSpan, result: Methods): object | undefined {
  if (!Object.hasOwn(result, 'stream')) return undefined;
  // A getter may create a stream that the caller did not ask for.
  const own = Object.getOwnPropertyDescriptor(result, 'stream');
  const stream: unknown = own?.value;
  if (!hasFields(stream)) return undefined;
  const wrapped = follow(span, stream);
  if (!wrapped) return undefined;
  if (wrapped !== stream) Object.defineProperty(result, 'stream', { ...own, value: wrapped });
  return result;
}
