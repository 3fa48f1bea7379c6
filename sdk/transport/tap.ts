/**
 * A tap on Node's HTTP transport: records the model calls of all clients that use `fetch`, without a
 * change to any of them. A request is announced in the context of its caller, so the span that is
 * current there is its parent. A call that another part of the SDK records is not recorded again.
 */
import { PROVIDER_PACKAGES } from '../config/provider-packages.ts';
import { shared } from '../platform/shared.ts';
import { flushHooks, instances, type Runtime, runtimeOf } from '../runtime/runtime.ts';
import { currentScope } from '../span/context.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
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
 * Starts the tap when a configuration of the SDK, or an instrumented client, needs it, and stops it when
 * none does.
 * @returns whether this runtime has a transport that can be tapped
 */
export function updateTap(): boolean {
  if (!hasTransport()) return false;
  const configured = [...instances].flatMap(({ runtime }) => runtime ?? []);
  const isNeeded =
    tap.origins.size > 0 || configured.some(({ settings }) => settings.autoInstrument.length > 0);
  if (configured.length === 0 || !isNeeded) tap.stop?.();
  else if (!tap.stop) start();
  return true;
}

function start(): void {
  const common: Shared = { open: new Set(), waiting: new WaitingAttempts(), onUnknown };
  const unsubscribe = observeRequests((request) => begin(request, common), onUnknown);
  const settle = (): void => {
    common.waiting.endAll();
    for (const exchange of common.open) exchange.settle();
  };
  flushHooks.add(settle);
  tap.stop = () => {
    tap.stop = undefined;
    unsubscribe();
    flushHooks.delete(settle);
    common.waiting.endAll();
    for (const exchange of common.open) exchange.abandon();
  };
}

function onUnknown(): void {
  for (const { runtime } of instances) runtime?.warn('transport', UNKNOWN_HINT);
}

/**
 * Records the requests to an origin, also when `autoInstrument` does not select them.
 * @returns whether this runtime has a transport that can be tapped
 */
export function tapOrigin(origin: string): boolean {
  if (tap.origins.size < MAX_ORIGINS) tap.origins.add(origin);
  return updateTap();
}

/** Whether a configuration of the SDK records the requests of a protocol to an origin. */
const selects = (
  { settings: { autoInstrument } }: Runtime,
  protocol: Protocol,
  origin: string,
): boolean =>
  PROVIDER_PACKAGES.every((name) => autoInstrument.includes(name)) ||
  (protocol.package !== null && autoInstrument.includes(protocol.package)) ||
  tap.origins.has(origin);

/** Begins to observe a request that may be a model call. */
function begin(
  { method, path: target, origin, headers, body }: AnnouncedRequest,
  common: Shared,
): Exchange | undefined {
  if (method === 'POST' && body === null) return undefined;
  const path = target.split('?', 1)[0] as string;
  const protocol = protocolOf(method, path);
  if (!protocol) return undefined;
  // A request to a proxy without a tunnel has the whole URL as its path.
  const base = path.startsWith('http') ? path : String(origin);
  const scope = currentScope();
  const runtime = runtimeOf(scope?.span);
  if (!runtime || !selects(runtime, protocol, URL.parse(base)?.origin ?? '')) return undefined;
  if (isInsideCall(scope?.span)) return undefined;
  if (scope?.span && !scope.span.trace.isSampled) {
    if (protocol.isOwn) runtime.instance.report.counts.unsampled += 1;
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
