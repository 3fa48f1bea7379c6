/** The functions of the SDK that the instrumentation of providers uses, passed in one object. */
import { traced } from '../call/call.ts';
import { Definition, type SpanOptions } from '../call/definition.ts';
import { active } from '../runtime/runtime.ts';
import { type Storage, storage, turn } from '../span/context.ts';

export interface Core {
  readonly storage: Storage;
  readonly turn: typeof turn;
  /** Whether the SDK is initialised. */
  isActive(): boolean;
  readonly traced: typeof traced;
  /** Checks the options of a span. */
  define(options: SpanOptions): Definition;
}

export const core: Core = {
  storage,
  turn,
  isActive: () => active.runtime !== undefined,
  traced,
  define: (options) => new Definition(options, 'chat'),
};
