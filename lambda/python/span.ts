/** A span of the original Python SDK as records: the span, its trace, and the call in its attributes. */
import { listOf, type PythonSpan, parsePythonSpan, sessionIdOf } from '../../wire/genai/index.ts';
import { parseJsonText, parseJsonTextOrNull, textOf } from '../../wire/json.ts';
import type { JsonObject, JsonValue, RecordLists } from '../../wire/records.ts';
import { isObject } from '../../wire/values.ts';
import { withFewKeys } from '../validation/bound-json.ts';
import { idOrNull, modeOf, timeOf, toolId, unchecked, uncheckedList } from './records.ts';

const STATUSES = new Map([
  ['StatusCode.UNSET', 'unset'],
  ['StatusCode.OK', 'ok'],
  ['StatusCode.ERROR', 'error'],
]);

/** The key fields of a span, as the body has them. */
interface SpanKey {
  trace_id: JsonValue;
  span_id: JsonValue | undefined;
}

/**
 * The messages of a call arrive twice: here, and in requests of their own. Both become the same rows
 * under the same keys, so the call is counted once.
 */
export function readSpan(data: JsonObject): Partial<RecordLists> {
  const opened = parseJsonText(data.attributes);
  const attributes = isObject(opened) ? withFewKeys(opened) : {};
  const trace_id = data.trace_id ?? attributes.trace_id ?? null;
  const span = parsePythonSpan(attributes, trace_id);
  const status = typeof data.status === 'string' ? STATUSES.get(data.status) : null;
  const times = { started_at: timeOf(data.started_at), ended_at: timeOf(data.ended_at) };
  const mode = modeOf(data.mode);
  const isCall = span.call !== null;
  return {
    ...unchecked('traces', {
      id: trace_id,
      session_id: sessionIdOf(attributes),
      // Most spans of this SDK have lost their parent, so a span without one may not be the root, and
      // only what the attributes state of the trace is stored.
      name: span.traceName,
      mode,
      ...times,
    }),
    ...unchecked('spans', {
      trace_id,
      id: data.id,
      parent_id: idOrNull(data.parent_id),
      name: data.name,
      kind: isCall ? 'llm' : 'span',
      mode,
      status,
      ...times,
      input: isCall ? null : contentsOf([...span.prompts.values()]),
      output: isCall ? null : contentsOf(span.choices),
      attributes: isObject(opened) ? span.attributes : opened,
    }),
    ...callRecords({ trace_id, span_id: data.id }, span, status === 'error'),
  };
}

function callRecords(
  key: SpanKey,
  { prompts, choices, call }: PythonSpan,
  hasFailed: boolean,
): Partial<RecordLists> {
  if (call === null) return {};
  const { model, provider, response_id, usage } = call;
  // A call without an answer still has a row, for its model and usage, unless it failed.
  const isBare = choices.length === 0 && (usage.total !== null || !hasFailed);
  const answers: readonly JsonObject[] = isBare ? [{}] : choices;
  return {
    ...uncheckedList(
      'prompts',
      Array.from(prompts, ([message_index, { role, content }]) => ({
        ...key,
        message_index,
        role,
        content: textOf(content),
      })),
    ),
    ...uncheckedList(
      'completions',
      answers.map((choice, completion_index) => ({
        ...key,
        completion_index,
        role: choice.role,
        content: textOf(choice.content),
        parts: partsOf(choice),
        finish_reason: choice.finish_reason,
        model,
        provider,
        response_id,
        ...(completion_index === 0
          ? {
              prompt_tokens: usage.prompt,
              completion_tokens: usage.completion,
              total_tokens: usage.total,
              cached_tokens: usage.cached,
              cache_write_tokens: usage.cache_write,
              reasoning_tokens: usage.reasoning,
            }
          : {}),
      })),
    ),
    ...uncheckedList('tools', toolRows(key, choices)),
  };
}

/** The typed parts of an answer that called tools; null when it is only text. */
function partsOf(choice: JsonObject): JsonValue {
  const calls = callsOf(choice);
  if (calls.length === 0) return null;
  const content = textOf(choice.content);
  return [
    ...(content === null ? [] : [{ type: 'text', text: content }]),
    ...calls.map((call) => ({ type: 'tool_call', id: null, ...call })),
  ];
}

function toolRows({ trace_id, span_id }: SpanKey, choices: readonly JsonObject[]) {
  const seen = new Map<string, number>();
  return choices.flatMap(callsOf).map((call) => {
    const first = toolId(span_id, call.name, call.arguments);
    const ordinal = seen.get(first) ?? 0;
    seen.set(first, ordinal + 1);
    return { trace_id, span_id, id: ordinal === 0 ? first : `${first}:${ordinal}`, ...call };
  });
}

function callsOf(choice: JsonObject): { name: string | null; arguments: JsonValue }[] {
  return listOf(choice.tool_calls)
    .filter(isObject)
    .map((call) => ({
      name: textOf(call.name),
      arguments: parseJsonTextOrNull(call.arguments),
    }));
}

/** What a function was given or returned, which the SDK wraps into messages, mostly one. */
function contentsOf(messages: readonly JsonObject[]): JsonValue {
  const values = messages.map(({ content }) => parseJsonTextOrNull(content));
  return values.length > 1 ? values : (values[0] ?? null);
}
