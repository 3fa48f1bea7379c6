/** Which span is open where, across awaits. A storage of our own: nothing is registered globally. */

import type { SessionInfo } from '../config/session.ts';
import { builtin } from '../platform/platform.ts';
import { shared } from '../platform/shared.ts';
import type { RecordingSpan } from './recording-span.ts';

/** A span of another tracer or another process, under which ours continues. */
export interface RemoteParent {
  readonly traceId: string;
  readonly spanId: string;
  /** Bit 0: recorded there. */
  readonly traceFlags?: number | undefined;
  /** The `tracestate` of its request. */
  readonly state?: string | undefined;
}

/** What is in force at a point of the program: an open span, or a session for traces to come. */
export interface Scope {
  readonly span: RecordingSpan | undefined;
  readonly session: SessionInfo | undefined;
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

/** Where that is kept, in all copies of this package the same. */
export const storage: Storage = shared('storage', createStorage);

/** The span that a tracer of ours started in this very turn, if it is still open. */
export const turn = shared('turn', (): { justStarted: RecordingSpan | undefined } => ({
  justStarted: undefined,
}));
