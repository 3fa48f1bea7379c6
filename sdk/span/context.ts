/**
 * The current span and session, across `await`. The SDK has its own storage and registers nothing
 * with OpenTelemetry's global API.
 */

import type { SessionInfo } from '../config/session.ts';
import { type AsyncStorage, sharedAsyncStorage } from '../platform/async-storage.ts';
import { shared } from '../platform/shared.ts';
import { attempt } from '../platform/values.ts';
import type { RecordingSpan } from './recording-span.ts';

/** A span of another tracer or another process that becomes the parent of a root span. */
export interface RemoteParent {
  readonly traceId: string;
  readonly spanId: string;
  /** W3C trace flags; bit 0 is `sampled`. */
  readonly traceFlags?: number | undefined;
  /** The W3C `tracestate` of the request. */
  readonly tracestate?: string | undefined;
}

/** The current span, or the session and remote parent of traces that start here. */
export interface Scope {
  readonly span: RecordingSpan | undefined;
  readonly session: SessionInfo | undefined;
  /** The parent in another process of traces that start here. */
  readonly remote?: RemoteParent | undefined;
}

/** The storage of the current scope. */
export type Storage = AsyncStorage<Scope | undefined>;

/** The storage of the current scope, shared by all copies of the package. */
export const storage: Storage = sharedAsyncStorage('storage');

/**
 * Frameworks that keep the current span in a context of their own: each gives the scope inside the given one,
 * or undefined.
 */
export const guests: Set<(scope: Scope | undefined) => Scope | undefined> = shared(
  'guests',
  () => new Set(),
);

/** The current scope, also where a framework keeps it. */
export function currentScope(): Scope | undefined {
  let scope = storage.getStore();
  for (const guest of guests) scope = attempt(() => guest(scope)) ?? scope;
  return scope;
}

/**
 * The span that `tracer.startSpan` returned in this turn of the event loop. An instrumented client that
 * is called in the same turn becomes its child.
 */
export const turn = shared('turn', (): { justStarted: RecordingSpan | undefined } => ({
  justStarted: undefined,
}));
