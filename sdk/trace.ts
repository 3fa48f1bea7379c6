/** `trace`: a top-level operation, such as one request, and all that happens inside it. */

import type { TraceOptions } from './call/definition.ts';
import { apply, type Decorator } from './wrap/decorate.ts';
import type { AnyFunction } from './wrap/wrap.ts';

/** All the ways to use {@link trace}. */
export interface TraceSymbol extends Decorator {
  /** Around a function, under a name. */
  <F extends AnyFunction>(name: string, fn: F): F;
  /** Around a function, with options; `session` may look at the function's arguments. */
  <F extends AnyFunction>(options: TraceOptions<Parameters<F>>, fn: F): F;
  /** With a name or options first; the result wraps or decorates. */
  // biome-ignore lint/suspicious/noExplicitAny: the function, and so its arguments, come later
  (options?: string | TraceOptions<any[]>): Decorator;
}

/**
 * Records each call of a function as a trace: a trace record and its root span, both of that name,
 * under which the spans inside it find their place. Inside another trace it is a span of that one,
 * unless `root` is true. A `session` given here has precedence over that of `init`, for this trace.
 *
 * @example
 * const main = trace({ name: 'multi_agent_chat', session: 'user_789' }, async () => { ... });
 * const handle = trace({ session: (request) => ({ id: request.chatId }) }, handleRequest);
 */
export const trace = ((...args: readonly unknown[]) => apply(args)) as TraceSymbol;
