/**
 * The original Agensight SDK for Python. It sends spans through a protocol of its own, with attributes
 * of the indexed GenAI keys (`gen_ai.prompt.0.role`) and a JSON summary of the call.
 */
import { parseJsonText, text } from '../json.ts';
import type { JsonObject, JsonValue } from '../records.ts';
import { isObject } from '../values.ts';
import { listUnder } from './forms/indexed-keys.ts';
import { type Attributes, emptySpan } from './forms/otel-span.ts';
import { type ModelCall, NO_USAGE, type Usage } from './provider/model.ts';
import { count } from './provider/usage.ts';
import { Found } from './reader/found.ts';
import { readCall } from './reader/read-call.ts';
import { emptyCall } from './reader/read-span.ts';
import { allSources } from './sources/source-index.ts';

const SUMMARY = 'gen_ai.normalized_input_output';
const PROMPT_KEY = /^gen_ai\.prompt\.(\d{1,6})\.(role|content)$/;
const COMPLETION = 'gen_ai.completion.';

/** What the attributes of a span say. */
export interface PythonSpan {
  /** Name of the trace, only where the attributes state it. */
  traceName: string | null;
  /** The messages sent, by their index; each is `{role, content}`. */
  prompts: ReadonlyMap<number, JsonObject>;
  /** The messages of the answer; each is `{role, content, finish_reason, tool_calls}`. */
  choices: readonly JsonObject[];
  /** Model, provider, response id and usage; null for a span that is not a model call. */
  call: Pick<ModelCall, 'model' | 'provider' | 'response_id' | 'usage'> | null;
  /** The attributes that no other field holds; null when there are none. */
  attributes: JsonValue;
}

/**
 * Parses the attributes of a span, whichever of the SDK's two ways of writing messages it used.
 *
 * @param traceId the trace of the span; an attribute `trace_id` that repeats it is not kept
 */
export function parsePythonSpan(attributes: Attributes, traceId: JsonValue): PythonSpan {
  const opened = parseJsonText(attributes[SUMMARY]);
  const summary = isObject(opened) ? opened : null;
  const messages = messagesOf(attributes, summary ?? {});
  const found = new Found(allSources(), attributes);
  const info = readCall({ ...emptySpan(), attributes }, found, {})?.call ?? emptyCall();
  const usage = usageOf(info.usage, messages.choices);
  const isCall =
    info.model !== null ||
    info.provider !== null ||
    Object.keys(attributes).some(isMessageKey) ||
    usage.total !== null;
  return {
    traceName: text(attributes['trace.name']),
    ...messages,
    call: isCall ? { ...info, usage } : null,
    attributes: restOf(attributes, traceId, summary !== null),
  };
}

/** Token counts of a message body. The SDK sends zeros for unknown counts. */
export function pythonUsage(data: JsonObject): Usage {
  return withoutZeros({
    ...NO_USAGE,
    prompt: count(data.prompt_tokens),
    completion: count(data.completion_tokens),
    total: count(data.total_tokens),
  });
}

/** Usage without the zeros that mean "unknown", and with the total that follows from the rest. */
function withoutZeros(usage: Usage): Usage {
  const { prompt, completion, total } = usage;
  if (!prompt && !completion && !total) {
    return { ...usage, prompt: null, completion: null, total: null };
  }
  const sum = prompt === null || completion === null ? null : prompt + completion;
  return { ...usage, total: total || sum };
}

/** The counts of the attributes; without any, those of the summary. */
function usageOf(fromAttributes: Usage, choices: readonly JsonObject[]): Usage {
  const usage = withoutZeros(fromAttributes);
  return usage.total === null ? pythonUsage(choices[0] ?? {}) : usage;
}

/** The messages under indexed keys; the summary fills what they lack. */
function messagesOf(
  attributes: Attributes,
  summary: JsonObject,
): Pick<PythonSpan, 'prompts' | 'choices'> {
  const prompts = new Map<number, JsonObject>();
  for (const key in attributes) {
    const [, index, field] = PROMPT_KEY.exec(key) ?? [];
    if (index === undefined || field === undefined) continue;
    const at = Number(index);
    prompts.set(at, { ...prompts.get(at), [field]: attributes[key] ?? null });
  }
  objectsOf(summary.prompts).forEach((prompt, at) => {
    prompts.set(at, { ...prompt, ...prompts.get(at) });
  });
  const indexed = listUnder(attributes, COMPLETION).filter(isObject);
  const summarized = objectsOf(summary.completions);
  const longer = indexed.length < summarized.length ? summarized : indexed;
  const choices = longer.map((_, at) => ({ ...summarized[at], ...indexed[at] }));
  return { prompts, choices };
}

function objectsOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isMessageKey(key: string): boolean {
  return PROMPT_KEY.test(key) || key.startsWith(COMPLETION);
}

/** The attributes that no other field holds, so that nothing is stored twice. */
function restOf(attributes: Attributes, traceId: JsonValue, hasSummary: boolean): JsonValue {
  const rest = Object.entries(attributes).filter(
    ([key, value]) =>
      !isMessageKey(key) &&
      !(key === SUMMARY && hasSummary) &&
      !(key === 'trace_id' && value === traceId),
  );
  return rest.length > 0 ? Object.fromEntries(rest) : null;
}
