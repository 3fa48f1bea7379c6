/** A span of the original Python SDK as records: itself, its trace, and the call in its attributes. */
import { callInfo } from '../../wire/genai/dialects/call-info.ts';
import { listOf, listUnder } from '../../wire/genai/dialects/indexed-keys.ts';
import type { OtelSpan } from '../../wire/genai/index.ts';
import {
  isList,
  parseJsonText,
  parseJsonTextOrNull,
  text,
  textOf,
} from '../../wire/genai/provider/json.ts';
import type { ModelCall, Usage } from '../../wire/genai/provider/model.ts';
import { sessionOf } from '../../wire/genai/rows/session.ts';
import type { JsonObject, JsonValue, RecordLists } from '../../wire/records.ts';
import { isObject } from '../../wire/values.ts';
import { withFewKeys } from '../validation/bound-json.ts';
import {
  idOrNull,
  known,
  modeOf,
  moment,
  toolId,
  unchecked,
  uncheckedList,
  usageOf,
} from './records.ts';

const NORMALIZED = 'gen_ai.normalized_input_output';
const PROMPT_KEY = /^gen_ai\.prompt\.(\d{1,6})\.(role|content)$/;
const COMPLETION = 'gen_ai.completion.';
const STATUSES = new Map([
  ['StatusCode.UNSET', 'unset'],
  ['StatusCode.OK', 'ok'],
  ['StatusCode.ERROR', 'error'],
]);

/** What the attributes tell of a span, whichever of the client's two ways of writing it was used. */
interface Content {
  prompts: Map<number, JsonObject>;
  choices: readonly JsonObject[];
}

/**
 * The messages of a call come twice: here, and in requests of their own. Both make the same rows
 * under the same keys, so the call is counted once.
 */
export function readSpan(data: JsonObject): Partial<RecordLists> {
  const opened = parseJsonText(data.attributes);
  const attributes = isObject(opened) ? withFewKeys(opened) : {};
  const trace_id = data.trace_id ?? attributes.trace_id ?? null;
  const place = { trace_id, span_id: data.id };
  const source = sourceOf(attributes);
  const normalized = parseJsonText(attributes[NORMALIZED]);
  const written = isObject(normalized) ? normalized : {};
  const content = contentOf(attributes, written);
  const fields = callInfo(source);
  const usage = usageIn(fields.usage, content);
  const isCall =
    fields.model !== null ||
    fields.provider !== null ||
    Object.keys(attributes).some((key) => PROMPT_KEY.test(key) || key.startsWith(COMPLETION)) ||
    usage.total !== null;
  const status = typeof data.status === 'string' ? STATUSES.get(data.status) : null;
  const times = { started_at: moment(data.started_at), ended_at: moment(data.ended_at) };
  const mode = modeOf(data.mode);
  const session_id = sessionOf(source)?.value ?? null;
  return {
    ...unchecked('traces', {
      id: trace_id,
      session_id,
      // Most spans of this client have lost their parent, so having none does not make a root, and
      // only what is explicitly said of the trace is taken.
      name: text(attributes['trace.name']),
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
      input: isCall ? null : plain([...content.prompts.values()]),
      output: isCall ? null : plain(content.choices),
      attributes: isObject(opened) ? rest(attributes, trace_id, isObject(normalized)) : opened,
    }),
    ...(isCall ? callRecords(place, content, { ...fields, usage }, status === 'error') : {}),
  };
}

/** The span as the readers of OpenTelemetry's attributes take it. */
function sourceOf(attributes: JsonObject): OtelSpan {
  return {
    trace_id: '',
    span_id: '',
    parent_span_id: null,
    name: '',
    kind: 0,
    status_code: 0,
    status_message: null,
    started_at: null,
    ended_at: null,
    attributes,
    events: [],
    scope_name: null,
    scope_version: null,
    resource: {},
  };
}

/** Indexed keys tell most; what they lack is filled from the client's summary of the call. */
function contentOf(attributes: JsonObject, written: JsonObject): Content {
  const prompts = new Map<number, JsonObject>();
  for (const key in attributes) {
    const [, index, field] = PROMPT_KEY.exec(key) ?? [];
    if (index === undefined || field === undefined) continue;
    const at = Number(index);
    prompts.set(at, { ...prompts.get(at), [field]: attributes[key] ?? null });
  }
  objectsOf(written.prompts).forEach((prompt, at) => {
    prompts.set(at, { ...prompt, ...prompts.get(at) });
  });
  const indexed = listUnder(attributes, COMPLETION).filter(isObject);
  const summed = objectsOf(written.completions);
  const choices = (indexed.length < summed.length ? summed : indexed).map((_, at) => ({
    ...summed[at],
    ...indexed[at],
  }));
  return { prompts, choices };
}

function objectsOf(value: JsonValue | undefined): JsonObject[] {
  return isList(value) ? value.filter(isObject) : [];
}

/** The counts of the attributes; where those have none, of the summary. */
function usageIn(written: Usage, { choices }: Content): Usage {
  const usage = known(written);
  return usage.total === null ? usageOf(choices[0] ?? {}) : usage;
}

function callRecords(
  place: { trace_id: JsonValue; span_id: JsonValue | undefined },
  { prompts, choices }: Content,
  { model, provider, response_id, usage }: ModelCall,
  hasFailed: boolean,
): Partial<RecordLists> {
  // A call whose answer is not told still has its row, for its model and usage; a failed one has none.
  const isBare = choices.length === 0 && (usage.total !== null || !hasFailed);
  const answers: readonly JsonObject[] = isBare ? [{}] : choices;
  return {
    ...uncheckedList(
      'prompts',
      Array.from(prompts, ([message_index, { role, content }]) => ({
        ...place,
        message_index,
        role,
        content: textOf(content),
      })),
    ),
    ...uncheckedList(
      'completions',
      answers.map((choice, completion_index) => ({
        ...place,
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
    ...uncheckedList('tools', toolRows(place, choices)),
  };
}

/** The typed parts of an answer that asked for tools; null when it is nothing but text. */
function partsOf(choice: JsonObject): JsonValue {
  const calls = callsOf(choice);
  if (calls.length === 0) return null;
  const content = textOf(choice.content);
  return [
    ...(content === null ? [] : [{ type: 'text', text: content }]),
    ...calls.map((call) => ({ type: 'tool_call', id: null, ...call })),
  ];
}

function toolRows(
  { trace_id, span_id }: { trace_id: JsonValue; span_id: JsonValue | undefined },
  choices: readonly JsonObject[],
) {
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
    .map((call) => ({ name: textOf(call.name), arguments: parseJsonTextOrNull(call.arguments) }));
}

/** What a function was given or returned: the client keeps it as messages, mostly one. */
function plain(messages: readonly JsonObject[]): JsonValue {
  const values = messages.map(({ content }) => parseJsonTextOrNull(content));
  return values.length > 1 ? values : (values[0] ?? null);
}

/** What stands in no other field. A byte is stored once. */
function rest(attributes: JsonObject, traceId: JsonValue, hasSummary: boolean): JsonValue {
  const kept = Object.entries(attributes).filter(
    ([key, value]) =>
      !PROMPT_KEY.test(key) &&
      !key.startsWith(COMPLETION) &&
      !(key === NORMALIZED && hasSummary) &&
      !(key === 'trace_id' && value === traceId),
  );
  return kept.length > 0 ? Object.fromEntries(kept) : null;
}
