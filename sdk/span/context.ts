/** Which span is open where, across awaits. A storage of our own: nothing is registered globally. */

import type { SessionFacts } from '../config/session.ts';
import { builtin } from '../platform/platform.ts';
import type { RemoteParent } from '../runtime/runtime.ts';
import type { LiveSpan } from './recording-span.ts';

/** What is in force at a point of the program: an open span, or a session for traces to come. */
export interface Scope {
  readonly span: LiveSpan | undefined;
  readonly session: SessionFacts | undefined;
  /** The span in another process under which traces to come continue. */
  readonly remote?: RemoteParent | undefined;
}

/** The part of AsyncLocalStorage that we use. */
export interface Storage {
  getStore(): Scope | undefined;
  run<A extends unknown[], R>(scope: Scope | undefined, fn: (...args: A) => R, ...args: A): R;
}

/** AsyncLocalStorage where there is one; elsewhere nesting works within synchronous code. */
export function createStorage(): Storage {
  const found =
    builtin('node:async_hooks')?.AsyncLocalStorage ??
    (globalThis as { AsyncLocalStorage?: new () => Storage }).AsyncLocalStorage;
  return found ? (new found() as Storage) : new SynchronousStorage();
}

class SynchronousStorage implements Storage {
  private scope: Scope | undefined;

  getStore(): Scope | undefined {
    return this.scope;
  }

  run<A extends unknown[], R>(scope: Scope | undefined, fn: (...args: A) => R, ...args: A): R {
    const before = this.scope;
    this.scope = scope;
    try {
      return fn(...args);
    } finally {
      this.scope = before;
    }
  }
}
