/** Span, prompt and completion rows of one span. */
import type {
  CompletionRecord,
  JsonObject,
  JsonValue,
  PromptRecord,
  SpanRecord,
} from '../../records.ts';
import { isId } from '../../values.ts';
import type { OtelEvent } from '../forms/otel-span.ts';
import { emptyMessage, type Message, storedParts } from '../provider/model.ts';
import { callColumns } from './call-columns.ts';
import { modeOf } from './session.ts';
import type { ParsedItem } from './tool-rows.ts';

export function spanRecord({ span, parsed, outcome }: ParsedItem): SpanRecord {
  return {
    trace_id: span.trace_id,
    id: span.span_id,
    parent_id: span.parent_span_id,
    name: span.name,
    kind: parsed.kind,
    mode: modeOf(span),
    status: outcome.status,
    error: outcome.error,
    started_at: span.started_at,
    ended_at: span.ended_at,
    input: parsed.input ?? null,
    output: parsed.output ?? null,
    attributes: withStated(parsed.rest, parsed.attributes),
    events: restOfEvents(span.events, parsed.readEvents, outcome.error !== null),
  };
}

/** What a span says of itself has precedence over what a response in it states. */
function withStated(own: JsonObject | null, stated: JsonObject | undefined): JsonObject | null {
  if (stated === undefined || Object.keys(stated).length === 0) return own;
  return { ...stated, ...own };
}

/** The events without the exception that became the error of the span. */
function restOfEvents(
  events: readonly OtelEvent[],
  read: ReadonlySet<number>,
  hasError: boolean,
): JsonValue {
  if (events.length === 0) return null;
  const error = hasError ? events.findLast(({ name }) => name === 'exception') : undefined;
  const rest = events.filter((event, at) => event !== error && !read.has(at));
  return rest.length > 0
    ? rest.map(({ name, time, attributes }) => ({ name, time, attributes }))
    : null;
}

export function promptRecords({ span, parsed: { call } }: ParsedItem): PromptRecord[] {
  if (call === undefined) return [];
  const span_id = call.attach_to_span_id ?? span.span_id;
  return call.prompts.map((message, message_index) => ({
    trace_id: span.trace_id,
    span_id,
    message_index,
    role: message.role,
    content: message.content,
    parts: storedParts(message.parts),
    name: message.name,
    tool_call_id:
      message.tool_call_id !== null && isId(message.tool_call_id) ? message.tool_call_id : null,
  }));
}

/** Most choices of one call. No provider returns more than a few hundred. */
export const MAX_CHOICES = 4_000;

/** The choices of a call; of too many, the first, and one that states how many there were. */
function boundedChoices(choices: readonly Message[]): readonly Message[] {
  if (choices.length <= MAX_CHOICES) return choices;
  const kept = MAX_CHOICES - 1;
  const content = `…[cut: ${kept} of ${choices.length} choices]`;
  return [...choices.slice(0, kept), { ...emptyMessage(), content }];
}

/**
 * One row for each choice; usage belongs to the call and is in the first row. A call whose response was
 * not captured still has a row, for its model and usage. A failed call, an embedding, and one whose answer
 * will follow have one only for their tokens.
 */
export function completionRecords({ span, parsed, outcome }: ParsedItem): CompletionRecord[] {
  const { call } = parsed;
  if (call === undefined) return [];
  const isBare = call.choices.length === 0;
  // Some instrumentations count zeros for a failed call.
  const least = outcome.status === 'error' ? 1 : 0;
  const hasUsage = Object.values(call.usage).some((value) => value !== null && value >= least);
  const isUnanswered =
    outcome.status === 'error' || parsed.kind === 'embedding' || call.isPending === true;
  if (isBare && !hasUsage && isUnanswered) return [];
  const trace_id = span.trace_id;
  const span_id = call.attach_to_span_id ?? span.span_id;
  const choices = isBare ? [null] : boundedChoices(call.choices);
  // The mark for choices that were cut has no finish reason.
  const reasons = call.finish_reasons.slice(0, MAX_CHOICES - 1);
  return choices.map((choice, completion_index) => ({
    trace_id,
    span_id,
    completion_index,
    role: choice?.role ?? null,
    content: choice?.content ?? null,
    parts: storedParts(choice?.parts ?? null),
    finish_reason: (reasons[completion_index] || choice?.finish_reason) ?? null,
    ...callColumns(call, completion_index === 0),
  }));
}
