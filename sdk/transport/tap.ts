/**
 * A tap on Node's HTTP transport: records the model calls of all clients that use `fetch`, without a
 * change to any of them. A request is announced in the context of its caller, so the span that is
 * current there is its parent. A call that another part of the SDK records is not recorded again.
 */
import type { ProviderPackage } from '../config/provider-packages.ts';
import { PROVIDER_PACKAGES } from '../config/provider-packages.ts';
import { shared } from '../platform/shared.ts';
import type { Warn } from '../report/warnings.ts';
import { active, flushHooks } from '../runtime/runtime.ts';
import { storage } from '../span/context.ts';
import { openStreams } from '../span/open-roots.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { countUnsampled } from './call-span.ts';
import { Exchange, type Shared } from './exchange.ts';
import { readHeaders } from './headers.ts';
import { type Protocol, protocolOf } from './protocols.ts';
import { serverOf } from './provider-hosts.ts';
import { type AnnouncedRequest, hasTransport, observeRequests } from './undici-channels.ts';
import { WaitingAttempts } from './waiting-attempts.ts';

/** The tap of this process, shared by all copies of the package. */
const tap = shared(
  'transport',
  (): {
    /** Removes the tap; undefined while there is none. */
    stop: (() => void) | undefined;
    /** Origins of clients that the program instrumented, which are recorded in any case. */
    readonly origins: Set<string>;
  } => ({ stop: undefined, origins: new Set() }),
);

/** Calls that are open at the same time; beyond it, the oldest ends. */
const MAX_OPEN = 10_000;
const MAX_ORIGINS = 1_000;

const UNKNOWN_HINT =
  'this version of undici announces requests in an unknown form, so model calls are not recorded: use ' +
  'instrument(client, { askUsage: true })';

/**
 * Starts the tap, in place of an earlier one, for the protocols of the packages and for all instrumented
 * origins. Starts nothing when there are neither.
 * @returns whether this runtime has a transport that can be tapped
 */
export function startTap(packages: readonly ProviderPackage[], warn: Warn): boolean {
  if (!hasTransport()) return false;
  stopTap();
  if (packages.length === 0 && tap.origins.size === 0) return true;
  const common: Shared = {
    open: new Set(),
    waiting: new WaitingAttempts(),
    warn,
    onUnknown: () => warn('transport', UNKNOWN_HINT),
  };
  const selects = (protocol: Protocol, origin: string): boolean =>
    PROVIDER_PACKAGES.every((name) => packages.includes(name)) ||
    (protocol.package !== null && packages.includes(protocol.package)) ||
    tap.origins.has(origin);
  const unsubscribe = observeRequests(
    (request) => begin(request, common, selects),
    common.onUnknown,
  );
  const settle = (): void => {
    common.waiting.endAll();
    for (const exchange of common.open) exchange.settle();
  };
  const unfinished = {
    abandon: () => {
      common.waiting.endAll();
      for (const exchange of common.open) exchange.abandon();
    },
  };
  flushHooks.add(settle);
  openStreams.add(unfinished);
  tap.stop = () => {
    unsubscribe();
    unfinished.abandon();
    flushHooks.delete(settle);
    openStreams.delete(unfinished);
  };
  return true;
}

/** Removes the tap and ends the calls that are open. */
export function stopTap(): void {
  tap.stop?.();
  tap.stop = undefined;
}

/**
 * Records the requests to an origin, also when `autoInstrument` does not select them.
 * @returns whether this runtime has a transport that can be tapped
 */
export function tapOrigin(origin: string, warn: Warn): boolean {
  if (!hasTransport()) return false;
  if (tap.origins.size < MAX_ORIGINS) tap.origins.add(origin);
  // Before `init`, there is nothing to start; it starts the tap itself.
  return tap.stop || !active.runtime ? true : startTap([], warn);
}

/** Begins to observe a request that may be a model call. */
function begin(
  { method, path: target, origin, headers, body }: AnnouncedRequest,
  common: Shared,
  selects: (protocol: Protocol, origin: string) => boolean,
): Exchange | undefined {
  if ((method === 'POST' && body === null) || !active.runtime) return undefined;
  const path = target.split('?', 1)[0] as string;
  const protocol = protocolOf(method, path);
  if (!protocol) return undefined;
  // A request to a proxy without a tunnel has the whole URL as its path.
  const base = path.startsWith('http') ? path : String(origin);
  if (!selects(protocol, URL.parse(base)?.origin ?? '')) return undefined;
  const scope = storage.getStore();
  if (isInsideCall(scope?.span)) return undefined;
  if (scope?.span && !scope.span.trace.isSampled) {
    if (protocol.isOwn) countUnsampled();
    return undefined;
  }
  const server = serverOf(base, protocol.provider);
  const announced = { protocol, path, server, scope, headers: readHeaders(headers) };
  const exchange = new Exchange(announced, common);
  if (common.open.size > MAX_OPEN) common.open.values().next().value?.abandon();
  return exchange;
}

/** Whether an instrumented client records the call. */
function isInsideCall(span: RecordingSpan | undefined): boolean {
  for (let above: RecordingSpan | null | undefined = span; above; above = above.parent) {
    if (above.call && !above.isEnded) return true;
  }
  return false;
}
