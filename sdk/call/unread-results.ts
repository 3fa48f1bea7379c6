/**
 * Results that nobody reads: a query that is never awaited, a client promise of which only the headers
 * are used. Their spans end when the result is garbage-collected.
 */

import type { RecordingSpan } from '../span/recording-span.ts';
import { endWithResult } from './outcome.ts';

const unread = globalThis.FinalizationRegistry
  ? new FinalizationRegistry<RecordingSpan>((span) => {
      if (span.isEnded) return;
      span.owner.warn(
        'unread-result',
        `the result of "${span.name}" was never awaited, so its span has no result; await it inside the function`,
      );
      span.setAttribute('agensight.unfinished', true);
      endWithResult(span, undefined);
    })
  : undefined;

/** Ends the span when the result is collected before anything was asked of it. */
export const watch = (span: RecordingSpan, result: object): void =>
  unread?.register(result, span, result);

/** The result is read: it may be collected while its answer is on the way. */
export const unwatch = (result: object): void => void unread?.unregister(result);
