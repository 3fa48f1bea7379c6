/** What the instrumentation of providers needs of the core, handed over in one piece. */
import { traced } from '../call/call.ts';
import { Definition, type SpanOptions } from '../call/definition.ts';
import { active } from '../runtime/runtime.ts';
import { type Storage, storage, turn } from '../span/context.ts';

export interface Core {
  readonly storage: Storage;
  readonly turn: typeof turn;
  /** Whether anything is recorded. */
  isActive(): boolean;
  readonly traced: typeof traced;
  /** Options of a span, checked. */
  define(options: SpanOptions): Definition;
}

export const core: Core = {
  storage,
  turn,
  isActive: () => active.runtime !== undefined,
  traced,
  define: (options) => new Definition(options, 'chat'),
};
