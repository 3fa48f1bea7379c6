/** Generators, iterables and cursors of databases, whose span ends when they were read. */

import { type Method, patch } from '../platform/patch.ts';
import { isPlainPromise, isThenable, observeThen, replacePromise } from '../platform/promises.ts';
import { attempt, hasFields, isFunction } from '../platform/values.ts';
import { storage } from '../span/context.ts';
import { holders, type StreamRecorder } from './stream-recorder.ts';

type Methods = Record<PropertyKey, unknown>;

/** Whether an object is an iterator: its iterator is the object itself. A cursor gives another one. */
export const isOwnIterator = (value: Methods, key: symbol): boolean =>
  isFunction(value.next) && attempt(() => (value[key] as Method)()) === value;

/** Runs each step of an iterator inside the span, and ends the span when the iterator is done. */
export function followSteps(recorder: StreamRecorder, iterator: Methods): void {
  for (const key of ['next', 'return', 'throw']) {
    observe(recorder, iterator, key, (step) => recorder.step(step));
  }
}

/** Records the iterators of an iterable, and what a cursor gives through its other methods. */
export function followIterable(recorder: StreamRecorder, result: Methods): void {
  // `tee()` of the clients of OpenAI and Anthropic calls `iterator`, not `Symbol.asyncIterator`.
  const isClientStream =
    Object.hasOwn(result, 'iterator') && isFunction(result.iterator) && isFunction(result.tee);
  const key = isClientStream ? 'iterator' : Symbol.asyncIterator;
  let isIterated = false;
  patch(result, key, (begin, self, args) => {
    isIterated = true;
    const iterator = inside(recorder, begin, self, args);
    attempt(() => {
      if (!hasFields(iterator)) return;
      holders.set(iterator, result);
      followSteps(recorder, iterator);
    });
    return iterator;
  });
  for (const [name, read] of Object.entries(CURSOR_METHODS)) {
    if (!isFunction(result[name])) continue;
    // Other methods may iterate over the cursor themselves; then its items were recorded.
    observe(recorder, result, name, (value) => read(recorder, value, isIterated));
  }
}

type ReadCursor = (recorder: StreamRecorder, value: unknown, isIterated: boolean) => void;

/** `null` is the end of the cursor of MongoDB's driver, `undefined` that of ArangoDB's. */
const readNext: ReadCursor = (recorder, value) => {
  if (value === null || value === undefined) recorder.end();
  else recorder.add(value);
};

const readAll: ReadCursor = (recorder, value, isIterated) =>
  recorder.end(isIterated ? undefined : value);

/** The methods of the cursors of databases by which programs read or close them. */
const CURSOR_METHODS: Readonly<Record<string, ReadCursor>> = {
  next: readNext,
  tryNext: readNext,
  hasNext: (recorder, value) => {
    if (value === false) recorder.end();
  },
  toArray: readAll,
  all: readAll,
  forEach: (recorder) => recorder.end(),
  close: (recorder) => recorder.end(),
};

/** Wraps a method: runs it inside the span, and reads its value, awaited if it is a promise. */
function observe(
  recorder: StreamRecorder,
  object: Methods,
  key: string,
  read: (value: unknown) => void,
): void {
  if (!isFunction(object[key])) return;
  const take = (value: unknown): unknown => {
    attempt(() => read(value));
    return value;
  };
  patch(object, key, (method, self, args) => {
    let result: unknown;
    try {
      result = inside(recorder, method, self, args);
    } catch (thrown) {
      recorder.fail(thrown);
      throw thrown;
    }
    if (isPlainPromise(result)) return replacePromise(result, take, recorder.fail);
    if (!isThenable(result)) return take(result);
    attempt(() => observeThen(result as object, take, recorder.fail));
    return result;
  });
}

const inside = (recorder: StreamRecorder, fn: Method, self: unknown, args: unknown[]): unknown =>
  storage.run(recorder.span, () => Reflect.apply(fn, self, args));
