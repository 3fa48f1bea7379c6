/**
 * Open spans of `tracer.startSpan`. An instrumentation without a context manager does not make its span
 * the current one, so the request that it describes is found through this list.
 */
import { shared } from '../platform/shared.ts';
import type { RecordingSpan } from './recording-span.ts';

const announced = shared('announced', (): Set<RecordingSpan> => new Set());
/** Spans for which a request was found. */
const taken = shared('announced-taken', (): WeakSet<RecordingSpan> => new WeakSet());

const MAX_ANNOUNCED = 256;

export function announceSpan(span: RecordingSpan): void {
  announced.add(span);
  if (announced.size <= MAX_ANNOUNCED) return;
  for (const oldest of announced) {
    announced.delete(oldest);
    return;
  }
}

/**
 * The open model call that a request belongs to: the first of the current trace, innermost, for which
 * no request was found yet. Undefined when there is none, or when the current span is a model call.
 */
export function takeAnnounced(current: RecordingSpan | undefined): RecordingSpan | undefined {
  if (announced.size === 0 || current?.isModelCall) return undefined;
  let found: RecordingSpan | undefined;
  for (const span of announced) {
    if (span.isEnded) announced.delete(span);
    else if (
      !taken.has(span) &&
      (current ? span.trace === current.trace : announced.has(rootOf(span))) &&
      (!found || span.parent === found) &&
      span.isModelCall
    ) {
      found = span;
    }
  }
  if (found) taken.add(found);
  return found;
}

function rootOf(span: RecordingSpan): RecordingSpan {
  let root = span;
  while (root.parent) root = root.parent;
  return root;
}
