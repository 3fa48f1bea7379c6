/** Values that belong to a piece of code and to everything that it starts, also after `await`. */
import { builtin } from './platform.ts';
import { shared, sharedOn } from './shared.ts';
import { attempt } from './values.ts';

/** The part of AsyncLocalStorage that the SDK uses. */
export interface AsyncStorage<T> {
  getStore(): T | undefined;
  run<A extends unknown[], R>(value: T, fn: (...args: A) => R, ...args: A): R;
}

interface Constructor {
  new <T>(): AsyncStorage<T>;
  bind?<F>(fn: F): F;
}

/** The class of the runtime, or the one that the program has made global. */
function found(): Constructor | undefined {
  const { AsyncLocalStorage } = globalThis as { AsyncLocalStorage?: Constructor };
  const known = builtin('node:async_hooks')?.AsyncLocalStorage ?? AsyncLocalStorage;
  return typeof known === 'function' ? (known as Constructor) : undefined;
}

/**
 * A storage that all copies of the package share, also those in other realms which have the same class:
 * the edge runtime of Next.js runs inside of Node, whose transport sees its calls.
 */
export const sharedAsyncStorage = <T>(name: string): AsyncStorage<T> =>
  shared(name, () => sharedOn(found() ?? globalThis, name, () => createAsyncStorage<T>()));

/** The function, which runs with the values that all storages of the program have here. */
export const bindContext = <F>(fn: F): F => attempt(() => found()?.bind?.(fn)) ?? fn;

/** Whether values are kept over `await`. */
export const hasAsyncStorage = (): boolean => found() !== undefined;

/** AsyncLocalStorage, or, where there is none, a storage that keeps values for synchronous code. */
export function createAsyncStorage<T>(): AsyncStorage<T> {
  const AsyncLocalStorage = found();
  return AsyncLocalStorage ? new AsyncLocalStorage<T>() : new SynchronousStorage<T>();
}

class SynchronousStorage<T> implements AsyncStorage<T> {
  #value: T | undefined;
  /** The program may make the class global after it has loaded this package. */
  #later: AsyncStorage<T> | undefined;

  getStore(): T | undefined {
    return this.#later ? this.#later.getStore() : this.#value;
  }

  run<A extends unknown[], R>(value: T, fn: (...args: A) => R, ...args: A): R {
    const AsyncLocalStorage = this.#later ? undefined : found();
    if (AsyncLocalStorage) this.#later = new AsyncLocalStorage<T>();
    if (this.#later) return this.#later.run(value, fn, ...args);
    const before = this.#value;
    this.#value = value;
    try {
      return fn(...args);
    } finally {
      this.#value = before;
    }
  }
}
