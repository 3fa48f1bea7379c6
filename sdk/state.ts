/**
 * The one state of the SDK in a process. It stands on `globalThis` under a registered symbol, so that
 * a program that loads both builds, ESM and CommonJS, or two copies of the package, has one tracer.
 */

import { uuidV7 } from './platform/ids.ts';
import type { Runtime } from './runtime/runtime.ts';
import { createStorage, type Storage } from './span/context.ts';
import type { LiveSpan } from './span/recording-span.ts';

/** Records since the process began, over every `init`. */
export interface Counts {
  /** Made here, or taken over from the spool of an earlier process. */
  created: number;
  sent: number;
  rejected: number;
  dropped: number;
  /** Left on disk by a runtime that was shut down, for the next start. */
  spooled: number;
  /** Calls that were not recorded because their trace is not in the sample. */
  unsampled: number;
  /** Values that were hidden because `mask` threw. */
  maskFailed: number;
}

export interface State {
  /** Undefined: never initialised, disabled or shut down. Wrapped functions then just run. */
  runtime: Runtime | undefined;
  /** Runtimes that were replaced and still deliver what they hold. */
  readonly retired: Set<Runtime>;
  readonly storage: Storage;
  readonly counts: Counts;
  /** Records by the reason for which they were refused or given up. */
  readonly reasons: {
    readonly rejected: Map<string, number>;
    readonly dropped: Map<string, number>;
  };
  /** First spans of traces that are under way; the end of the process is the end of them too. */
  readonly roots: Set<LiveSpan>;
  readonly processId: string;
  /** Results that were read as an LLM reply, so that no call counts twice. */
  readonly replies: WeakSet<object>;
  /** The span that a tracer of ours started in this very turn, if it is still open. */
  justStarted: LiveSpan | undefined;
  /** Somebody wraps clients by hand. */
  isInstrumenting: boolean;
  /** Takes back what `autoInstrument` did. */
  stopAuto: (() => void) | undefined;
  /** Results that go on; the end of the process is the end of them too. */
  readonly open: Set<{ abandon(): void }>;
  /** Kinds of trouble that were reported. */
  readonly warned: Set<string>;
  /** Stops listening for the end of the process, while somebody does. */
  exitHooks: (() => void) | undefined;
}

const KEY = Symbol.for('agensight.sdk.v1');

const create = (): State => ({
  runtime: undefined,
  retired: new Set(),
  storage: createStorage(),
  counts: { created: 0, sent: 0, rejected: 0, dropped: 0, spooled: 0, unsampled: 0, maskFailed: 0 },
  reasons: { rejected: new Map(), dropped: new Map() },
  roots: new Set(),
  processId: uuidV7(Date.now()),
  replies: new WeakSet(),
  justStarted: undefined,
  isInstrumenting: false,
  stopAuto: undefined,
  open: new Set(),
  warned: new Set(),
  exitHooks: undefined,
});

function shared(): State {
  const holder = globalThis as { [KEY]?: State };
  const existing = holder[KEY];
  if (existing) return existing;
  const state = create();
  Object.defineProperty(holder, KEY, { value: state, enumerable: false });
  return state;
}

export const state: State = shared();
