/** `startSpan`: a span for code that is not a function. */

import { Definition, type SpanOptions } from './call/definition.ts';
import { hasFields } from './platform/values.ts';
import { active, type Instance, instanceOf, scopeOf } from './runtime/runtime.ts';
import type { ActiveSpan } from './span/active-span.ts';
import { NOOP_SPAN } from './span/noop-span.ts';
import { isRecordingSpan, type RecordingSpan } from './span/recording-span.ts';

/**
 * Options of {@link startSpan}.
 *
 * @example
 * const child = startSpan({ name: 'rank', parent: step, input: documents });
 */
export interface StartSpanOptions extends Omit<SpanOptions, 'input' | 'output'> {
  /**
   * The parent span; null starts a new trace.
   * @defaultValue the current span
   */
  parent?: ActiveSpan | null | undefined;
  /**
   * The input of the span.
   * @defaultValue none
   */
  input?: unknown;
}

/**
 * Starts a span. It ends by `end()`, or at the end of the block that declares it with `using`. Outside
 * of a trace, it starts one. Never throws.
 *
 * The span does not become the current one by itself, because that would also change the current span
 * of the caller of an asynchronous function. To create children, use `span.run(fn)`, or pass the span
 * as their `parent`.
 *
 * @param name The name of the span, or options with it.
 * @param options Options, after a name.
 * @returns the open span; while the SDK is not initialised, a span that does nothing
 * @see https://opentelemetry.io/docs/specs/otel/trace/api/#span
 *
 * @example
 * using step = startSpan({ name: 'retrieve', kind: 'retriever', input: query });
 * const documents = await step.run(() => search(query));
 * step.setOutput(documents.map(({ id }) => id));
 * using other = startSpan('rank', { attributes: { model: 'bm25' } });
 */
export const startSpan = (
  name: string | StartSpanOptions,
  options?: StartSpanOptions | undefined,
): ActiveSpan => startSpanOf(active, name, options);

/** {@link startSpan} of an instance. */
export function startSpanOf(
  instance: Instance,
  name: string | StartSpanOptions,
  options?: StartSpanOptions | undefined,
): ActiveSpan {
  const { runtime } = instance;
  if (!runtime) return NOOP_SPAN;
  try {
    const given: StartSpanOptions = hasFields(name) ? name : { ...options, name: String(name) };
    const { input: _, ...rest } = given;
    const { name: label, kind, captureContent, attributes } = new Definition(rest, 'span');
    const scope = scopeOf(instance);
    const parent = given.parent === undefined ? scope?.span : ours(instance, given.parent);
    const remote = given.parent === undefined ? scope?.remote : undefined;
    const span = parent
      ? runtime.openChild(parent, label, kind)
      : runtime.openRoot(label, kind, scope?.session, remote);
    for (const [key, value] of attributes ?? []) span.setAttribute(key, value);
    span.capturesContent = captureContent ?? runtime.settings.captureContent;
    return 'input' in given ? span.setInput(given.input) : span;
  } catch {
    return NOOP_SPAN;
  }
}

const ours = (instance: Instance, parent: ActiveSpan | null): RecordingSpan | undefined =>
  parent && isRecordingSpan(parent) && instanceOf(parent) === instance ? parent : undefined;
