/**
 * Optional features of the runtime, looked up when they are needed. Nothing is imported statically,
 * so one bundle loads on Node, Bun, Deno and edge runtimes.
 */
import { attempt } from './values.ts';

interface BuiltinModules {
  'cloudflare:workers': { waitUntil?(promise: Promise<unknown>): void };
  'node:async_hooks': typeof import('node:async_hooks');
  'node:crypto': typeof import('node:crypto');
  'node:diagnostics_channel': typeof import('node:diagnostics_channel');
  'node:fs': typeof import('node:fs');
  'node:http': typeof import('node:http');
  'node:https': typeof import('node:https');
  'node:module': typeof import('node:module');
  'node:os': typeof import('node:os');
  'node:path': typeof import('node:path');
  'node:util': typeof import('node:util');
  'node:sqlite': typeof import('node:sqlite');
  'node:zlib': typeof import('node:zlib');
}

/** A built-in module of the runtime, or undefined where the runtime has no module of that name. */
export const builtin = <N extends keyof BuiltinModules>(name: N): BuiltinModules[N] | undefined =>
  // `getBuiltinModule` leaves no import in the bundle that a bundler or an edge runtime could reject.
  // It throws for modules that were compiled out, which counts as absent.
  attempt(() => globalThis.process?.getBuiltinModule?.(name) as BuiltinModules[N]);

/** The longest delay of a timer, in milliseconds; a timer that is set to more fires at once. */
export const MAX_TIMER_MILLIS = 2_147_483_647;

/** Lets the process exit while this timer is pending. Timers of edge runtimes have no `unref`. */
export const unref = (timer: unknown): void => (timer as { unref?(): void } | undefined)?.unref?.();
