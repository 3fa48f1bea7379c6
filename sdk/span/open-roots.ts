/**
 * Spans that are under way when the process, or the time of an invocation, ends. They are told as far
 * as they came, marked `agensight.unfinished`; if their real end comes after all, it is the later
 * message about the same row and wins.
 */

import { shared } from '../platform/shared.ts';
import { attempt } from '../platform/values.ts';
import { RecordingSpan } from './recording-span.ts';

/** First spans of traces that are under way; the end of the process is the end of them too. */
export const roots: Set<RecordingSpan> = shared('roots', () => new Set());
/** Results that go on; likewise. */
export const openStreams: Set<{ abandon(): void }> = shared('open-results', () => new Set());

/** Traces under way that are kept in sight; the oldest are let go, for some are never ended. */
const MAX_ROOTS = 256;

/** Notes that a trace began. */
export function began(root: RecordingSpan): void {
  roots.add(root);
  if (roots.size <= MAX_ROOTS) return;
  for (const oldest of roots) {
    roots.delete(oldest);
    return;
  }
}

/** Ends streams that are still read, and tells of traces that are under way. */
export function recordOpenRoots(): void {
  for (const result of openStreams) result.abandon();
  for (const root of roots) {
    roots.delete(root);
    // If that fails it is told when it ends, or not at all.
    attempt(() => root.runtime.take(soFar(root)));
  }
}

/** The span as it is now, ended now, so that the span itself can go on. */
function soFar(span: RecordingSpan): RecordingSpan {
  const copy: RecordingSpan = Object.assign(Object.create(RecordingSpan.prototype), span);
  copy.attributes = new Map(span.attributes).set('agensight.unfinished', 'true');
  copy.events = span.events && [...span.events];
  copy.isEnded = true;
  copy.endedAt = Math.max(span.now(), span.startedAt);
  return copy;
}
