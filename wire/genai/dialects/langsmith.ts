/** D6, LangSmith: the request's and the answer's JSON under `gen_ai.prompt` and `gen_ai.completion`. */
import type { JsonValue } from '../../records.ts';
import { isList, isObject, open, openOrNull, text } from '../provider/json.ts';
import type { Reading, SpanKind, ToolRun } from '../provider/model.ts';
import { readMessages, readRequest } from '../provider/request.ts';
import { readAnswer } from '../provider/response.ts';
import { complete, usageOfBody } from '../provider/usage.ts';
import { callFacts } from './call-facts.ts';
import type { Attributes, OtelSpan } from './span.ts';
import { toolAnswer } from './tool-answer.ts';

const KIND = 'langsmith.span.kind';
const PROMPT = 'gen_ai.prompt';
const COMPLETION = 'gen_ai.completion';
const USAGE = 'langsmith.usage_metadata';
const METADATA = 'langsmith.metadata.';

export function isLangSmith(a: Attributes): boolean {
  return typeof a[KIND] === 'string';
}

const KINDS = new Map<string, SpanKind>([
  ['llm', 'llm'],
  ['tool', 'tool'],
  ['chain', 'chain'],
  ['retriever', 'retriever'],
  ['embedding', 'embedding'],
]);

export function readLangSmith(span: OtelSpan): Reading {
  const a = span.attributes;
  const kind = KINDS.get(text(a[KIND])?.toLowerCase() ?? '') ?? 'span';
  const reading: Reading = { kind, consumed: [PROMPT, COMPLETION] };
  if (kind === 'llm' || kind === 'embedding') {
    reading.call = callFacts(span);
    reading.call.usage = complete(reading.call.usage, usageOfBody(a[USAGE]));
    // Of several choices, the reasons are one text with commas.
    reading.call.finish_reasons = reading.call.finish_reasons.flatMap((words) =>
      words.split(',').map((word) => word.trim()),
    );
  }
  if (kind === 'llm' && reading.call !== undefined) {
    const answer = readAnswer(a[COMPLETION]);
    const prompt = open(a[PROMPT]);
    reading.call.prompts = readRequest(prompt) ?? readMessages(prompt, 'user');
    reading.call.choices = answer?.choices ?? readMessages(open(a[COMPLETION]), 'assistant');
    reading.call.usage = complete(reading.call.usage, answer?.usage ?? null);
    reading.call.response_id ??= answer?.response_id ?? null;
    return reading;
  }
  if (a[PROMPT] !== undefined) reading.input = openOrNull(a[PROMPT]);
  if (a[COMPLETION] !== undefined) reading.output = openOrNull(a[COMPLETION]);
  if (kind === 'tool') {
    const answer = toolAnswer(unwrap(reading.output, 'outputs'));
    const asked = argumentsOf(reading.input);
    reading.tool = {
      id:
        text(a[`${METADATA}tool_call_id`]) ??
        text(a['gen_ai.tool.call.id']) ??
        asked.id ??
        answer.id,
      name: text(a['gen_ai.tool.name']) ?? span.name,
      arguments: asked.arguments,
      output: answer.output,
    };
  }
  return reading;
}

/** A tool of the Vercel AI SDK takes its arguments and, after them, the call that it answers. */
function argumentsOf(input: JsonValue | undefined): Pick<ToolRun, 'id' | 'arguments'> {
  const args = isObject(input) && isList(input.args) ? input.args : [];
  const [first, options] = args;
  const id = isObject(options) ? text(options.toolCallId) : null;
  return { id, arguments: id === null ? unwrap(input, 'input') : openOrNull(first) };
}

/** A function that took or gave no object is wrapped: `{"input": ...}`, `{"outputs": ...}`. */
function unwrap(value: JsonValue | undefined, key: 'input' | 'outputs'): JsonValue {
  if (isObject(value) && Object.keys(value).length === 1 && value[key] !== undefined) {
    return openOrNull(value[key]);
  }
  return value ?? null;
}
