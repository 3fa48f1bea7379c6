/** Ends the span of a call with its result or its error. No function here throws. */

import { resultOfEvents } from '../llm/accumulator.ts';
import { countOnce } from '../llm/background-responses.ts';
import { readReply, seenReplies } from '../llm/read-reply.ts';
import { isFailedResult, textOfResult } from '../llm/tool-result.ts';
import { hasFields, isText } from '../platform/values.ts';
import { dropUncounted } from '../report/counts.ts';
import { errorJson } from '../serialize/error-json.ts';
import { snapshot } from '../serialize/snapshot.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { withBoundedLists } from './bounded-lists.ts';
import { waitForCall } from './late-calls.ts';
import { mapped } from './mappers.ts';

/** Ends the span of a call that returned, now or at an earlier time. */
export function endWithResult(span: RecordingSpan, result: unknown, endedAt = span.now()): void {
  if (span.isEnded) return;
  try {
    if (span.status === 'unset') span.status = 'ok';
    const given = resultOf(span, result);
    if (given === result || !isRecordedReply(result)) captureReply(span, given);
    if (span.kind === 'tool' && isFailedResult(result)) failTool(span, result);
    if (!span.reply && given === result && waitForCall(span, result)) return;
    if (!span.reply && span.capturesContent && span.output === null) {
      span.output = snapshot(given);
    }
    span.finish(endedAt);
  } catch {
    dropUncounted(span.owner.instance.report, 'unreadable');
  }
}

/** The result that is recorded. */
const resultOf = (span: RecordingSpan, result: unknown): unknown =>
  span.outputMapper ? mapped(span, span.outputMapper, 'output', result) : result;

/** Whether another span has recorded the result as its reply. */
const isRecordedReply = (result: unknown): boolean =>
  hasFields(result) && seenReplies.get(result) === true;

/** Ends the span of a call that threw. */
export function endWithError(span: RecordingSpan, thrown: unknown): void {
  if (span.isEnded) return;
  try {
    span.status = 'error';
    span.error = errorJson(thrown, span.capturesContent);
    span.call?.failed?.(thrown);
    span.finish(span.now());
  } catch {
    dropUncounted(span.owner.instance.report, 'unreadable');
  }
}

/** A tool reports a failure by its result: MCP, Anthropic, LangChain. */
function failTool(span: RecordingSpan, result: unknown): void {
  span.status = 'error';
  const message = textOfResult(result) ?? 'The tool reported an error';
  span.error ??= errorJson({ name: 'ToolError', message }, span.capturesContent);
}

/** Whether the span may still be detected as a model call. */
export const mayReply = ({ kind }: RecordingSpan): boolean =>
  kind === null || kind === 'llm' || kind === 'embedding';

/** Reads a result as the reply of a model, unless another span has recorded the same reply. */
export function captureReply(span: RecordingSpan, result: unknown): void {
  if (span.reply || span.isAroundCall || !mayReply(span)) return;
  if (isRecordedReply(result)) return;
  try {
    const hints = {
      isDeclared: span.kind === 'llm',
      hasMessages: span.request?.isChat === true,
      model: span.request?.model ?? span.call?.model ?? null,
      isLookup: span.call?.isLookup === true,
    };
    const events = hints.isDeclared && isText(result) ? resultOfEvents(result) : undefined;
    const { value, lost } = withBoundedLists(events ?? result);
    span.reply = readReply(value, hints, span.capturesContent);
    if (span.reply) {
      span.lost += lost;
      countOnce(result, span.reply);
    }
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
  const { error, attributes } = span.reply;
  if (error !== null) {
    span.status = 'error';
    span.error ??= error;
  }
  for (const key in attributes) span.setAttribute(key, attributes[key]);
  if (hasFields(result)) seenReplies.set(result, true);
}
