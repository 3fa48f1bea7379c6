/**
 * One call of a wrapped function: opens a span, runs the function inside it, and passes the result or
 * the error to the caller unchanged. Errors of the SDK never reach the caller.
 */

import { usableSession } from '../config/session.ts';
import { readRequest, recordableArguments } from '../llm/read-request.ts';
import { readToolRun } from '../llm/tool-run.ts';
import { isPlainPromise } from '../platform/promises.ts';
import { hasFields } from '../platform/values.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { runtimeOf, scopeOf } from '../runtime/runtime.ts';
import { snapshotArguments } from '../serialize/snapshot.ts';
import { storage } from '../span/context.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { withBoundedLists } from './bounded-lists.ts';
import type { Definition } from './definition.ts';
import { endOrFollow, endWhenSettled } from './follow-result.ts';
import { mapped } from './mappers.ts';
import { endWithError } from './outcome.ts';
import { traceThenable } from './thenables.ts';
import { applyTraceOptions } from './trace-options.ts';

type Callee = (...args: unknown[]) => unknown;

/** Runs `fn` inside a span; while the SDK is not initialised, without one. */
export function traced(
  definition: Definition,
  fn: Callee,
  self: unknown,
  args: unknown[],
): unknown {
  const { instance } = definition;
  const runtime = instance ? instance.runtime : runtimeOf(storage.getStore()?.span);
  if (!runtime) return Reflect.apply(fn, self, args);
  const span = open(runtime, definition, args);
  if (!span) return Reflect.apply(fn, self, args);
  let result: unknown;
  try {
    result = storage.run(span, apply, fn, self, args);
  } catch (thrown) {
    endWithError(span, thrown);
    throw thrown;
  }
  if (hasFields(result)) {
    if (isPlainPromise(result)) return endWhenSettled(span, result, definition.isAsync);
    if (traceThenable(span, result)) return result;
  }
  return endOrFollow(span, result);
}

const apply = (fn: Callee, self: unknown, args: unknown[]): unknown =>
  Reflect.apply(fn, self, args);

function open(
  runtime: Runtime,
  definition: Definition,
  args: unknown[],
): RecordingSpan | undefined {
  try {
    const scope = scopeOf(runtime.instance);
    const parent = definition.isAlwaysRoot ? undefined : scope?.span;
    const { name, kind } = definition;
    let span: RecordingSpan;
    if (!parent) {
      const session = sessionOf(definition, args) ?? scope?.session;
      const remote = definition.isAlwaysRoot ? undefined : scope?.remote;
      span = runtime.openRoot(name, kind, session, remote);
      if (!span.trace.isSampled) return span;
      if (definition.traceSetters !== null)
        applyTraceOptions(definition.traceSetters, span.trace, args);
    } else if (parent.trace.isSampled) {
      span = runtime.openChild(parent, name, kind);
    } else {
      // Spans of an unsampled trace are not needed for nesting: its root span is the current one.
      runtime.instance.report.counts.unsampled += 1;
      return undefined;
    }
    if (definition.attributes !== null) {
      for (const [key, value] of definition.attributes) span.setAttribute(key, value);
    }
    span.capturesContent = definition.captureContent ?? runtime.settings.captureContent;
    const { input, output } = definition;
    span.outputMapper = output;
    captureArguments(span, input ? [mapped(span, input, 'input', args)] : args);
    return span;
  } catch {
    // The function runs even when its span cannot be opened.
    return undefined;
  }
}

function sessionOf(definition: Definition, args: unknown[]): ReturnType<typeof usableSession> {
  const { session } = definition;
  if (typeof session !== 'function') return session;
  try {
    return usableSession(session(...args));
  } catch {
    return undefined;
  }
}

function captureArguments(span: RecordingSpan, args: unknown[]): void {
  const { kind, capturesContent } = span;
  try {
    if (kind === null || kind === 'llm') {
      const [first, ...rest] = args;
      const { value, lost } = withBoundedLists(first);
      const given = lost === 0 ? args : [value, ...rest];
      span.request = readRequest(given, kind === 'llm', capturesContent);
      if (span.request) span.lost += lost;
    }
  } catch {
    // Arguments that cannot be read as messages are recorded as input.
  }
  let given = args as readonly unknown[];
  if (kind === 'tool') {
    const run = readToolRun(args);
    given = run.args;
    if (!isRunning(span, run.callId)) span.toolCallId = run.callId;
  }
  if (!span.request && capturesContent) span.input = snapshotArguments(recordableArguments(given));
}

/** Whether a tool around this one answers the call: it passes the state of its framework on. */
function isRunning(span: RecordingSpan, callId: string | null): boolean {
  if (callId === null) return false;
  for (let above = span.parent; above; above = above.parent) {
    if (above.toolCallId === callId && above.name !== span.name) return true;
  }
  return false;
}
