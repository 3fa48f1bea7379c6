/** The options of `trace` that set properties of the trace: values, or functions of the arguments. */

import { isObject } from '../../wire/values.ts';
import { attempt, isFunction, isList, textOf } from '../platform/values.ts';
import { snapshot } from '../serialize/snapshot.ts';
import { ENVIRONMENT, type TraceState } from '../span/trace-state.ts';

type Setter = (trace: TraceState, args: readonly unknown[]) => void;

/** How each option is applied; an alias stands before the name that has precedence. */
const SETTERS: Readonly<Record<string, (trace: TraceState, value: unknown) => void>> = {
  user_id: setUser,
  userId: setUser,
  tags: (trace, value) => {
    if (isList(value)) trace.addTags(...value);
  },
  metadata: (trace, value) => {
    if (isObject(value)) trace.mergeMetadata(snapshot(value));
  },
  environment: (trace, value) => {
    if (textOf(value) !== null) trace.mergeMetadata(snapshot({ [ENVIRONMENT]: value }));
  },
  release: (trace, value) => {
    trace.release = textOf(value) ?? trace.release;
  },
};

function setUser(trace: TraceState, value: unknown): void {
  trace.userId = textOf(value) ?? trace.userId;
}

/** The setters of the given options; null when there are none. */
export function traceSetters(options: Readonly<Record<string, unknown>>): readonly Setter[] | null {
  const setters: Setter[] = [];
  for (const [key, set] of Object.entries(SETTERS)) {
    const given = options[key];
    if (given === undefined || given === null) continue;
    setters.push(
      isFunction(given)
        ? (trace, args) => set(trace, (given as (...args: readonly unknown[]) => unknown)(...args))
        : (trace) => set(trace, given),
    );
  }
  return setters.length === 0 ? null : setters;
}

/** Applies the options to a trace. An option whose function throws is ignored. */
export function applyTraceOptions(
  setters: readonly Setter[],
  trace: TraceState,
  args: readonly unknown[],
): void {
  for (const setter of setters) {
    attempt(() => setter(trace, args));
  }
}
