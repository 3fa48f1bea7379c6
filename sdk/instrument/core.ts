/** The functions of the SDK that the instrumentation of providers uses, passed in one object. */
import { traced } from '../call/call.ts';
import { Definition, type SpanOptions } from '../call/definition.ts';
import { runtimeOf } from '../runtime/runtime.ts';
import { type Storage, storage, turn } from '../span/context.ts';

export interface Core {
  readonly storage: Storage;
  readonly turn: typeof turn;
  /** Whether a configuration of the SDK records a call at this point. */
  isActive(): boolean;
  readonly traced: typeof traced;
  /** Checks the options of a span. */
  define(options: SpanOptions): Definition;
}

export const core: Core = {
  storage,
  turn,
  isActive: () => runtimeOf(storage.getStore()?.span) !== undefined,
  traced,
  define: (options) => new Definition(options, 'chat'),
};
