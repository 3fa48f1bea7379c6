/**
 * What the platform offers, asked for when it is needed. Nothing here is imported statically, so the
 * same bundle loads on Node, Bun, Deno and edge runtimes, and a program pays for what it uses.
 */
import { attempt } from './attempt.ts';

interface BuiltinModules {
  'node:async_hooks': typeof import('node:async_hooks');
  'node:crypto': typeof import('node:crypto');
  'node:fs': typeof import('node:fs');
  'node:http': typeof import('node:http');
  'node:https': typeof import('node:https');
  'node:module': typeof import('node:module');
  'node:os': typeof import('node:os');
  'node:path': typeof import('node:path');
  'node:sqlite': typeof import('node:sqlite');
  'node:zlib': typeof import('node:zlib');
}

/** A module of Node's own, or undefined where the platform has none of that name. */
export const builtin = <N extends keyof BuiltinModules>(name: N): BuiltinModules[N] | undefined =>
  // `getBuiltinModule` leaves nothing in the bundle for a bundler or an edge runtime to trip over.
  // It throws for modules that were compiled out; to us that is the same as absent.
  attempt(() => globalThis.process?.getBuiltinModule?.(name) as BuiltinModules[N]);

/** A timer that is set to more fires at once. */
export const MAX_TIMER_MILLIS = 2_147_483_647;

/** Lets the process end although this timer has not fired; timers of edge runtimes need no help. */
export const unref = (timer: unknown): void => (timer as { unref?(): void }).unref?.();
