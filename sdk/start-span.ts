/** `startSpan`: a span around some lines of code that are no function. */

import { Definition, type SpanOptions } from './call/definition.ts';
import { hasFields } from './platform/values.ts';
import { active } from './runtime/runtime.ts';
import type { ActiveSpan } from './span/active-span.ts';
import { storage } from './span/context.ts';
import { NOOP_SPAN } from './span/noop-span.ts';
import { isRecordingSpan, type RecordingSpan } from './span/recording-span.ts';

/** Options of {@link startSpan}. */
export interface StartSpanOptions extends SpanOptions {
  /** The span of which it becomes a child. Default: the current one; null: a trace of its own. */
  parent?: ActiveSpan | null | undefined;
  /** What goes in. */
  input?: unknown;
}

/**
 * Starts a span, which goes on until `end()`, or until the block that declares it with `using` is left.
 *
 * It does not become the current span by itself: between the start of an asynchronous function and its
 * first `await` that would make it the current span of the caller too, and of all that the caller does
 * next. What shall be below it runs by `span.run(fn)`, or names it as its `parent`.
 *
 * Outside a trace it opens one. While the SDK is not initialised it does nothing; it never throws.
 *
 * @example
 * using step = startSpan({ name: 'retrieve', kind: 'retriever', input: query });
 * const documents = await step.run(() => search(query));
 * step.setOutput(documents.map(({ id }) => id));
 */
export function startSpan(options: string | StartSpanOptions): ActiveSpan {
  const { runtime } = active;
  if (!runtime) return NOOP_SPAN;
  try {
    const given: StartSpanOptions = hasFields(options) ? options : { name: String(options) };
    const { name, kind, captureContent, attributes } = new Definition(given, 'span');
    const scope = storage.getStore();
    const parent = given.parent === undefined ? scope?.span : ours(given.parent);
    const remote = given.parent === undefined ? scope?.remote : undefined;
    const span = parent
      ? runtime.openChild(parent, name, kind)
      : runtime.openRoot(name, kind, scope?.session, remote);
    for (const [key, value] of attributes ?? []) span.setAttribute(key, value);
    span.capturesContent = captureContent ?? runtime.settings.captureContent;
    return 'input' in given ? span.setInput(given.input) : span;
  } catch {
    return NOOP_SPAN;
  }
}

const ours = (parent: ActiveSpan | null): RecordingSpan | undefined =>
  parent && isRecordingSpan(parent) ? parent : undefined;
