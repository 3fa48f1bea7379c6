/** Runtimes on which one request may not use what another has made. */

import { builtin } from './platform.ts';

interface EdgeGlobals {
  readonly EdgeRuntime?: unknown;
  readonly navigator?: { readonly userAgent?: unknown };
}

/**
 * Whether promises, timers and connections belong to the request that made them: on workerd, in
 * Cloudflare Workers and behind other edge platforms. A request that waits for those of another one is
 * cancelled or hangs, and the end of a request ends them without notice. Plain values may be shared.
 * @see https://developers.cloudflare.com/workers/observability/errors/#cannot-perform-io-on-behalf-of-a-different-request
 */
export function isolatesRequests(): boolean {
  const { EdgeRuntime, navigator } = globalThis as EdgeGlobals;
  return EdgeRuntime !== undefined || navigator?.userAgent === 'Cloudflare-Workers';
}

/**
 * Keeps the current request of workerd running until a promise settles: the function of its module
 * `cloudflare:workers`. Undefined elsewhere, and without the compatibility flag `nodejs_compat`.
 */
export const requestWaitUntil = (): ((promise: Promise<unknown>) => unknown) | undefined =>
  isolatesRequests() ? builtin('cloudflare:workers')?.waitUntil : undefined;
