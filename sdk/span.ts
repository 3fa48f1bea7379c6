/** `span`: records the calls of a function as spans. */

import type { SpanOptions } from './call/definition.ts';
import { active } from './runtime/runtime.ts';
import { apply, type Decorator } from './wrap/decorate.ts';
import type { AnyFunction } from './wrap/wrap.ts';

/**
 * The call signatures of {@link span}.
 *
 * @example
 * const recorded = span('search', search);
 * const tool = span({ kind: 'tool' });
 * const alsoRecorded = tool(search);
 */
export interface SpanSymbol extends Decorator {
  /** Wraps a function, with the name of its spans. */
  <F extends AnyFunction>(name: string, fn: F): F;
  /** Wraps a function, with options. */
  <F extends AnyFunction>(options: SpanOptions<Parameters<F>, Awaited<ReturnType<F>>>, fn: F): F;
  /** Returns a wrapper and decorator with a name or options. */
  (options?: string | SpanOptions): Decorator;
}

/**
 * Records each call of a function as a span: times, arguments, result and error; of a model call also
 * messages, tokens and tool calls. Outside of a trace, the call starts one.
 *
 * A single argument is recorded as it is, several as a list. Wrapping keeps type, `this`, name and
 * length of the function, passes results and errors unchanged, and never throws itself. While the SDK
 * is not initialised, calls are not recorded.
 * @returns the wrapped function, or a {@link Decorator} when no function is given
 * @see https://opentelemetry.io/docs/specs/otel/trace/api/#span
 *
 * @example
 * const answer = span('answer', async (question: string) => ask(question));
 * const reply = span({ name: 'llm', kind: 'llm' }, callModel);
 * class Agent {
 *   @span plan(goal: string) { ... }
 *   @span({ kind: 'tool' }) async search(query: string) { ... }
 * }
 */
export const span = ((...args: readonly unknown[]) => apply(active, args)) as SpanSymbol;
