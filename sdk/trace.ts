/** `trace`: records the calls of a function as traces. */

import type { TraceOptions } from './call/definition.ts';
import { active } from './runtime/runtime.ts';
import { apply, type Decorator } from './wrap/decorate.ts';
import type { AnyFunction } from './wrap/wrap.ts';

/**
 * The call signatures of {@link trace}.
 *
 * @example
 * const handle = trace('request', handleRequest);
 * const root = trace({ root: true });
 * const handleAlone = root(handleRequest);
 */
export interface TraceSymbol extends Decorator {
  /** Wraps a function, with the name of its traces. */
  <F extends AnyFunction>(name: string, fn: F): F;
  /** Wraps a function, with options, which may be functions of its arguments. */
  <F extends AnyFunction>(options: TraceOptions<Parameters<F>, Awaited<ReturnType<F>>>, fn: F): F;
  /** Returns a wrapper and decorator with a name or options. */
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are not known before the function is
  (options?: string | TraceOptions<any[]>): Decorator;
}

/**
 * Records each call of a function as a trace: a top-level operation such as a request, with a root span
 * of the same name. Spans inside it become its descendants. Inside another trace, the call is a span of
 * that trace unless `root` is true.
 *
 * Wrapping keeps type, `this`, name and length of the function, passes results and errors unchanged,
 * and never throws itself. While the SDK is not initialised, calls are not recorded.
 *
 * @returns the wrapped function, or a {@link Decorator} when no function is given
 *
 * @example
 * const main = trace({ name: 'multi_agent_chat', session: 'user_789' }, async () => { ... });
 * const handle = trace({ session: (request) => ({ id: request.chatId }) }, handleRequest);
 */
export const trace = ((...args: readonly unknown[]) => apply(active, args)) as TraceSymbol;
