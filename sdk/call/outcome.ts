/** Ends the span of a call with its result or its error. No function here throws. */

import { readReply, seenReplies } from '../llm/read-reply.ts';
import { hasFields } from '../platform/values.ts';
import { dropUncounted } from '../report/counts.ts';
import { errorJson } from '../serialize/error-json.ts';
import { snapshot } from '../serialize/snapshot.ts';
import type { RecordingSpan } from '../span/recording-span.ts';

/** Ends the span of a call that returned, now or at an earlier time. */
export function endWithResult(span: RecordingSpan, result: unknown, endedAt = span.now()): void {
  if (span.isEnded) return;
  try {
    if (span.status === 'unset') span.status = 'ok';
    captureReply(span, result);
    if (!span.reply && span.capturesContent && span.output === null) {
      span.output = snapshot(result);
    }
    span.finish(endedAt);
  } catch {
    dropUncounted('unreadable');
  }
}

/** Ends the span of a call that threw. */
export function endWithError(span: RecordingSpan, thrown: unknown): void {
  if (span.isEnded) return;
  try {
    span.status = 'error';
    span.error = errorJson(thrown, span.capturesContent);
    span.call?.failed?.(thrown);
    span.finish(span.now());
  } catch {
    dropUncounted('unreadable');
  }
}

/** Whether the span may still be detected as a model call. */
export const mayReply = ({ kind }: RecordingSpan): boolean =>
  kind === null || kind === 'llm' || kind === 'embedding';

/** Reads a result as the reply of a model, unless another span has recorded the same reply. */
export function captureReply(span: RecordingSpan, result: unknown): void {
  if (span.reply || span.isAroundCall || !mayReply(span)) return;
  if (hasFields(result) && seenReplies.has(result)) return;
  try {
    const hints = {
      isDeclared: span.kind === 'llm',
      hasMessages: span.request?.isChat === true,
      model: span.request?.model ?? span.call?.model ?? null,
    };
    span.reply = readReply(result, hints, span.capturesContent);
    if (span.call) {
      for (const completion of span.reply?.completions ?? []) {
        completion.provider ??= span.call.provider;
      }
    }
  } catch {
    return;
  }
  // An embedding call below this span records the reply.
  if (span.reply?.kind === 'embedding' && span.embeddingsBelow > 0 && !span.call) {
    span.reply = undefined;
  }
  if (!span.reply) return;
  span.kind = span.reply.kind;
  if (hasFields(result)) seenReplies.add(result);
}
