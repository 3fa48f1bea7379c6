/** How the span of a call ends. Neither function ever throws. */
import { snapshot } from './capture.ts';
import { faultJson } from './fault.ts';
import type { LiveSpan } from './live-span.ts';
import { readReply } from './llm.ts';
import { state } from './state.ts';

/** Ends the span of a call that returned. */
export function succeeded(span: LiveSpan, result: unknown): void {
  try {
    const endedAt = span.now();
    if (span.status === 'unset') span.status = 'ok';
    if (span.kind === null || span.kind === 'llm') captureReply(span, result);
    if (span.reply === undefined && span.capturesContent && span.output === null) {
      span.output = snapshot(result);
    }
    span.finish(endedAt);
  } catch {
    state.counts.dropped += 1;
  }
}

/** Ends the span of a call that threw. */
export function failed(span: LiveSpan, thrown: unknown): void {
  try {
    span.status = 'error';
    span.error = faultJson(thrown);
    span.finish(span.now());
  } catch {
    state.counts.dropped += 1;
  }
}

function captureReply(span: LiveSpan, result: unknown): void {
  const isObject = typeof result === 'object' && result !== null;
  if (isObject && state.replies.has(result)) return;
  try {
    const hints = {
      isDeclared: span.kind === 'llm',
      hasMessages: span.request !== undefined,
      model: span.request?.model ?? null,
    };
    span.reply = readReply(result, hints, span.capturesContent);
  } catch {
    return;
  }
  if (isObject && span.reply !== undefined) state.replies.add(result);
}
