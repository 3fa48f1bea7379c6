/**
 * Traces and streams that are open when the process, or a serverless invocation, ends. They are
 * recorded as they are, with the attribute `agensight.unfinished`. If a span ends later after all, its
 * complete record overwrites the incomplete one.
 */
import { shared } from '../platform/shared.ts';
import { attempt } from '../platform/values.ts';
import { RecordingSpan } from './recording-span.ts';

/** The root spans of open traces in this process. */
export const openRoots: Set<RecordingSpan> = shared('open-roots', () => new Set());

/** A result that is still being read, such as a stream. */
export interface OpenStream {
  /** Ends its span now. */
  abandon(): void;
  /** Whether a span of the instance records it. */
  belongsTo(instance: object): boolean;
}

/** Results that are still being read. */
export const openStreams: Set<OpenStream> = shared('open-streams', () => new Set());

/** Open traces that are tracked. The oldest are forgotten, because some spans are never ended. */
const MAX_ROOTS = 256;

/** Tracks the root span of a trace that begins. */
export function trackRoot(root: RecordingSpan): void {
  openRoots.add(root);
  if (openRoots.size <= MAX_ROOTS) return;
  for (const oldest of openRoots) {
    openRoots.delete(oldest);
    return;
  }
}

/** Ends all open streams, and records all open root spans as they are. */
export function recordOpenRoots(): void {
  for (const stream of openStreams) stream.abandon();
  for (const root of openRoots) {
    openRoots.delete(root);
    // A root that cannot be copied is recorded when it ends.
    attempt(() => root.owner.take(unfinishedCopy(root)));
  }
}

/** A copy of the span that ends now; the span itself stays open. */
function unfinishedCopy(span: RecordingSpan): RecordingSpan {
  const copy: RecordingSpan = Object.assign(Object.create(RecordingSpan.prototype), span);
  copy.attributes = new Map(span.attributes).set('agensight.unfinished', 'true');
  copy.events = span.events && [...span.events];
  copy.isEnded = true;
  copy.endedAt = Math.max(span.now(), span.startedAt);
  return copy;
}
