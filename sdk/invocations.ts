/** Invocations of platforms that keep running while a promise is pending: Workers, Vercel, Pages. */
import type { WaitUntil } from './config/init-options.ts';
import { isThenable } from './platform/promises.ts';
import { attempt, fieldOf, hasFields, isFunction } from './platform/values.ts';
import { flushAll, runtimes } from './runtime/runtime.ts';
import { invocationWaitUntil, runInvocation } from './span/invocation.ts';

/** The context of an invocation, as its platform passes it. */
export interface Keeper {
  waitUntil: WaitUntil;
  /** Of Cloudflare Pages, which passes one object. */
  readonly env?: unknown;
}

/** The last argument that can keep the invocation running: a binding before it may have any methods. */
export const keeperOf = (args: readonly unknown[]): Keeper | undefined =>
  args.findLast(
    (given): given is Keeper => hasFields(given) && !!attempt(() => isFunction(given.waitUntil)),
  );

/** The bindings of an invocation: its second argument, or a field of its context. */
export const environmentOf = (args: readonly unknown[], keeper: Keeper | undefined): unknown =>
  attempt(() => fieldOf(keeper, 'env')) ?? (args[1] === keeper ? undefined : args[1]);

/** One function for each context, by which a call inside an invocation is recognised. */
const functions = new WeakMap<Keeper, WaitUntil>();

function waitUntilOf(keeper: Keeper): WaitUntil {
  const known = functions.get(keeper) ?? ((promise) => keeper.waitUntil(promise));
  functions.set(keeper, known);
  return known;
}

/**
 * Calls a function as an invocation: its traces, also those that end after its response, are delivered by
 * the invocation itself, which keeps running until then. Result and errors do not change, and the result
 * is not delayed.
 */
export function invoke(
  keeper: Keeper,
  timeoutMillis: number | undefined,
  call: () => unknown,
): unknown {
  const waitUntil = waitUntilOf(keeper);
  if (invocationWaitUntil() === waitUntil) return call();
  const finish = async (result: unknown): Promise<void> => {
    try {
      if (isThenable(result)) await result;
    } catch {
      // The platform receives it.
    }
    // The rest: traces that ended without an invocation of their own.
    const busy = runtimes().filter(({ delivery }) => delivery.pending > 0);
    if (busy.length > 0) await flushAll(busy, timeoutMillis);
  };
  let result: unknown;
  try {
    result = runInvocation(waitUntil, call);
    return result;
  } finally {
    attempt(() => waitUntil(finish(result)));
  }
}
