/** `span`: one step of a trace. */

import type { SpanOptions } from './call/definition.ts';
import { apply, type Decorator } from './wrap/decorate.ts';
import type { AnyFunction } from './wrap/wrap.ts';

/** All the ways to use {@link span}. */
export interface SpanSymbol extends Decorator {
  /** Around a function, under a name. */
  <F extends AnyFunction>(name: string, fn: F): F;
  /** Around a function, with options. */
  <F extends AnyFunction>(options: SpanOptions, fn: F): F;
  /** With a name or options first; the result wraps or decorates. */
  (options?: string | SpanOptions): Decorator;
}

/**
 * Records each call of a function as a span: time, arguments, result, error; of an LLM call also
 * messages, tokens and tool calls. Outside a trace a span opens one of its own.
 *
 * One argument is recorded as itself, several as a list. The function keeps its type, `this`, name
 * and length; what it returns or throws reaches the caller unchanged; it never throws by itself.
 *
 * @example
 * const answer = span('answer', async (question: string) => ask(question));
 * const reply = span({ name: 'llm', kind: 'llm' }, callModel);
 * class Agent {
 *   @span plan(goal: string) { ... }
 *   @span({ kind: 'tool' }) async search(query: string) { ... }
 * }
 */
export const span = ((...args: readonly unknown[]) => apply(args)) as SpanSymbol;
