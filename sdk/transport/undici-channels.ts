/**
 * The requests that undici announces on Node's diagnostics channels: those of `fetch`, from any
 * caller, and of undici's own functions. Nothing of the program is changed, and nothing that an observer
 * throws reaches it.
 * @see https://undici.nodejs.org/#/docs/api/DiagnosticsChannel
 */
import { builtin } from '../platform/platform.ts';
import {
  attempt,
  type Fields,
  fieldOf,
  hasFields,
  isFunction,
  isText,
  textOf,
} from '../platform/values.ts';

/** The part of undici's request that is read. */
export interface AnnouncedRequest {
  readonly method: string;
  readonly path: string;
  readonly origin: unknown;
  readonly headers: unknown;
  readonly body?: unknown;
}

/** Observes one request. The methods are called in the order of the events, each in any context. */
export interface RequestObserver {
  sent(chunk: unknown): void;
  /** The whole body was sent. */
  bodySent(): void;
  responded(status: number, headers: unknown): void;
  received(chunk: unknown): void;
  /** The response is complete, or the request failed or was aborted. */
  ended(error: unknown): void;
}

interface Observed {
  readonly observer: RequestObserver;
  /** Its chunks are seen by its own methods, not by the channels. */
  readonly hasOwnMethods: boolean;
}

const PREFIX = 'undici:request:';

/**
 * Whether this runtime has undici and its channels: Node, and not Bun, Deno or workerd, of which the last
 * has the channels, and an empty version of undici.
 */
export const hasTransport = (): boolean =>
  textOf(attempt(() => globalThis.process?.versions?.undici)) !== null &&
  isFunction(builtin('node:diagnostics_channel')?.subscribe);

/**
 * Calls `begin` for each request, in the context of its caller. It returns the observer of the request,
 * or undefined. `onUnknown` is called for requests in a form that is not known.
 * @returns a function that ends the subscription
 */
export function observeRequests(
  begin: (request: AnnouncedRequest) => RequestObserver | undefined,
  onUnknown: () => void,
): () => void {
  const channels = builtin('node:diagnostics_channel');
  const observed = new WeakMap<object, Observed>();
  const undos: (() => void)[] = [];
  const on = (
    name: string,
    notify: (message: Fields, found: Observed | undefined) => void,
  ): void => {
    const listener = (message: unknown): void => {
      attempt(() => notify(message as Fields, observed.get((message as Fields).request as object)));
    };
    channels?.subscribe(PREFIX + name, listener);
    undos.push(() => channels?.unsubscribe(PREFIX + name, listener));
  };
  on('create', ({ request }) => {
    if (!isAnnounced(request)) {
      onUnknown();
      return;
    }
    const observer = begin(request);
    if (!observer) return;
    const hasOwnMethods = observeMethods(request as unknown as Fields, observer);
    observed.set(request, { observer, hasOwnMethods });
  });
  on('bodyChunkSent', ({ chunk }, found) => {
    if (found && !found.hasOwnMethods) found.observer.sent(chunk);
  });
  on('bodySent', (_, found) => found?.observer.bodySent());
  on('headers', ({ response }, found) => {
    const status = fieldOf(response, 'statusCode') as number;
    // 1xx announces the response that follows.
    if (found && status >= 200) found.observer.responded(status, fieldOf(response, 'headers'));
  });
  on('bodyChunkReceived', ({ chunk }, found) => {
    if (found && !found.hasOwnMethods) found.observer.received(chunk);
  });
  on('trailers', (_, found) => found?.observer.ended(undefined));
  on('error', ({ error }, found) => found?.observer.ended(error ?? new Error('failed')));
  return () => {
    for (const undo of undos) undo();
  };
}

type Original = (...args: unknown[]) => unknown;

const isAnnounced = (request: unknown): request is AnnouncedRequest =>
  hasFields(request) && isText(request.method) && isText(request.path);

/**
 * Undici before 7.11 announces no chunks. They pass through two methods of its request object, which
 * get own properties that observe and call them. Node's undici and one from npm may both be in use, so
 * each request is told apart by its fields: 7.20 added `typeOfService`, and 8 removed `onData`. Between
 * 7.11 and 7.20 both ways work, and the methods are used.
 */
function observeMethods(request: Fields, observer: RequestObserver): boolean {
  const { onBodySent, onData } = request;
  if ('typeOfService' in request || !isFunction(onBodySent) || !isFunction(onData)) return false;
  const observe = (name: string, original: Original, notify: (chunk: unknown) => void): void => {
    request[name] = function (this: unknown, ...args: unknown[]): unknown {
      attempt(() => notify(args[0]));
      return Reflect.apply(original, this, args);
    };
  };
  observe('onBodySent', onBodySent, (chunk) => observer.sent(chunk));
  observe('onData', onData, (chunk) => observer.received(chunk));
  return true;
}
