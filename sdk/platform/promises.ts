/**
 * Promises that the caller gets in place of its own. A promise cannot be observed without marking its
 * rejection as handled, so a plain promise is replaced by one that settles alike; whether its rejection
 * is handled depends on the caller alone, as it did before.
 */

import { createMarks } from './marks.ts';
import { canPatch, patch } from './patch.ts';
import { attempt, hasFields, isFunction, isInstance } from './values.ts';

const asyncFunction = async (): Promise<void> => undefined;
const { prototype: asyncFunctions } = asyncFunction.constructor;

/** The promises of the engine, which `async` functions return; a program may put others in the place of `Promise`. */
const promises: object = Object.getPrototypeOf(asyncFunction());

/**
 * Whether a function is declared as `async`: then each call makes a plain promise that nobody else has,
 * and that has no properties.
 */
export const isAsyncFunction = (fn: unknown): boolean =>
  attempt(() => Object.getPrototypeOf(fn) === asyncFunctions) === true;

/** The replacement of each promise: a promise that is returned again is replaced by the same one. */
const replaced = /* @__PURE__ */ createMarks<Promise<unknown>>();

/** Whether `await` uses the promise itself: it has no class and no `then` of its own. */
export function isPlainPromise(value: unknown): value is Promise<unknown> {
  try {
    return (
      hasFields(value) &&
      Object.getPrototypeOf(value) === promises &&
      value.constructor === promises.constructor &&
      !Object.hasOwn(value, 'then')
    );
  } catch {
    // A proxy.
    return false;
  }
}

/**
 * Observes a plain promise. Neither function may throw.
 *
 * @param take Receives the value, and returns the value for the caller.
 * @param fail Receives the reason of a rejection.
 * @param isNew Whether nobody else has the promise, so that it cannot be returned again.
 * @returns the promise for the caller, in place of the given one; the given one if it cannot be observed
 */
export function replacePromise(
  promise: Promise<unknown>,
  take: (value: unknown) => unknown,
  fail: (thrown: unknown) => void,
  isNew = false,
): Promise<unknown> {
  const known = isNew ? undefined : replaced.get(promise);
  let replacement: Promise<unknown>;
  try {
    if (known !== undefined) {
      promise.then(
        (value) => void take(value),
        (thrown) => void fail(thrown),
      );
      return known;
    }
    replacement = promise.then(take, (thrown: unknown) => {
      fail(thrown);
      throw thrown;
    });
  } catch {
    // A proxy of a promise has the methods of a promise, which do not work.
    return promise;
  }
  if (isNew) return replacement;
  // A library may have added properties, such as `cancel`.
  for (const key of Reflect.ownKeys(promise)) {
    if (Object.hasOwn(replacement, key)) continue;
    const own = Object.getOwnPropertyDescriptor(promise, key);
    if (own) void Object.defineProperty(replacement, key, own);
  }
  replaced.set(promise, replacement);
  return replacement;
}

/** Whether a value has a `then` method. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  hasFields(value) && !!attempt(() => isFunction(value.then));

/** Observes how a thenable settles whenever the caller calls `then`, which `begin` announces. */
export function observeThen(
  thenable: object,
  take: (value: unknown) => unknown,
  fail: (thrown: unknown) => void,
  begin?: () => void,
): void {
  const isPromise = isInstance(thenable, Promise);
  patch(thenable, 'then', (original, self, [onFulfilled, onRejected, ...more]) => {
    begin?.();
    let hasValue = false;
    const fulfilled = (value: unknown): unknown => {
      hasValue = true;
      const result = take(value);
      return isFunction(onFulfilled) ? onFulfilled(result) : result;
    };
    const rejected = (thrown: unknown): unknown => {
      fail(thrown);
      if (isFunction(onRejected)) return onRejected(thrown);
      throw thrown;
    };
    const isObserved = isPromise || isFunction(onRejected);
    const settled = Reflect.apply(original, self, [
      fulfilled,
      // A thenable that is no promise may do nothing when it gets no second function.
      isObserved ? rejected : onRejected,
      ...more,
    ]);
    if (isObserved || !isPlainPromise(settled)) return settled;
    return replacePromise(settled, same, (thrown) => {
      if (!hasValue) fail(thrown);
    });
  });
}

const same = (value: unknown): unknown => value;

/** Observes the failure of a promise or thenable of any kind. Returns the value for the caller. */
export function observePromise(value: unknown, fail: (thrown: unknown) => void): unknown {
  if (isPlainPromise(value)) return replacePromise(value, same, fail);
  attempt(() => {
    if (isThenable(value) && canPatch(value)) observeThen(value, same, fail);
  });
  return value;
}
