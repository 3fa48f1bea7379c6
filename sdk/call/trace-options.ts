/** The options that belong to a whole trace: as values, or as functions of the arguments. */

import { attempt, isFunction, isList, isObject, textOf } from '../platform/values.ts';
import { snapshot } from '../serialize/snapshot.ts';
import { ENVIRONMENT, type TraceState } from '../span/trace-state.ts';

type Step = (trace: TraceState, args: readonly unknown[]) => void;

/** How each option gets into a trace; an alias comes before the name that has precedence. */
const SETTERS: Readonly<Record<string, (trace: TraceState, value: unknown) => void>> = {
  user_id: setUser,
  userId: setUser,
  tags: (trace, value) => {
    if (isList(value)) trace.addTags(...value);
  },
  metadata: (trace, value) => {
    if (isObject(value) && !isList(value)) trace.mergeMetadata(snapshot(value));
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

/** What the options say of each trace; null when they say nothing. */
export function traceSteps(options: Readonly<Record<string, unknown>>): readonly Step[] | null {
  const steps: Step[] = [];
  for (const [key, set] of Object.entries(SETTERS)) {
    const given = options[key];
    if (given === undefined || given === null) continue;
    steps.push(
      isFunction(given)
        ? (trace, args) => set(trace, (given as (...args: readonly unknown[]) => unknown)(...args))
        : (trace) => set(trace, given),
    );
  }
  return steps.length === 0 ? null : steps;
}

/** Applies what the options say; a function that throws says nothing. */
export function applySteps(
  steps: readonly Step[],
  trace: TraceState,
  args: readonly unknown[],
): void {
  for (const step of steps) {
    // The call matters more than what is told of it.
    attempt(() => step(trace, args));
  }
}
