/**
 * One call of a wrapped function: a span is opened, the function runs inside it, and what it returns
 * or throws goes to the caller unchanged. Whatever goes wrong on our side stays on our side.
 */

import { usableSession } from '../config/session.ts';
import { readRequest } from '../llm/read-request.ts';
import { isObject } from '../platform/values.ts';
import { counts } from '../report/counts.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { active } from '../runtime/runtime.ts';
import { snapshotArguments } from '../serialize/snapshot.ts';
import { storage } from '../span/context.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import type { Definition } from './definition.ts';
import { settle, settleLater } from './follow-result.ts';
import { failed } from './outcome.ts';
import { traceThenable } from './thenables.ts';
import { applySteps } from './trace-options.ts';

type Callee = (...args: unknown[]) => unknown;

/** Runs `fn` as a call of the definition; without an initialised SDK it just runs. */
export function traced(
  definition: Definition,
  fn: Callee,
  self: unknown,
  args: unknown[],
): unknown {
  const { runtime } = active;
  if (!runtime) return Reflect.apply(fn, self, args);
  const span = open(runtime, definition, args);
  if (!span) return Reflect.apply(fn, self, args);
  let result: unknown;
  try {
    result = storage.run(span, apply, fn, self, args);
  } catch (thrown) {
    failed(span, thrown);
    throw thrown;
  }
  if (isObject(result)) {
    if (result instanceof Promise && result.constructor === Promise) {
      return settleLater(span, result);
    }
    if (traceThenable(span, result)) return result;
  }
  return settle(span, result);
}

const apply = (fn: Callee, self: unknown, args: unknown[]): unknown =>
  Reflect.apply(fn, self, args);

function open(
  runtime: Runtime,
  definition: Definition,
  args: unknown[],
): RecordingSpan | undefined {
  try {
    const scope = storage.getStore();
    const parent = definition.isAlwaysRoot ? undefined : scope?.span;
    const { name, kind } = definition;
    let span: RecordingSpan;
    if (!parent) {
      const session = sessionOf(definition, args) ?? scope?.session;
      const remote = definition.isAlwaysRoot ? undefined : scope?.remote;
      span = runtime.openRoot(name, kind, session, remote);
      if (!span.trace.isSampled) return span;
      if (definition.traceSteps !== null) applySteps(definition.traceSteps, span.trace, args);
    } else if (parent.trace.isSampled) {
      span = runtime.openChild(parent, name, kind);
    } else {
      // Whatever is in the trace is found by its first span, so this one need not be.
      counts.unsampled += 1;
      return undefined;
    }
    if (definition.attributes !== null) {
      for (const [key, value] of definition.attributes) span.setAttribute(key, value);
    }
    span.capturesContent = definition.captureContent ?? runtime.settings.captureContent;
    captureArguments(span, args);
    return span;
  } catch {
    // The call matters more than its record.
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
      span.request = readRequest(args, kind === 'llm', capturesContent);
    }
  } catch {
    // Arguments that cannot be read as messages are still arguments.
  }
  if (!span.request && capturesContent) span.input = snapshotArguments(args);
}
