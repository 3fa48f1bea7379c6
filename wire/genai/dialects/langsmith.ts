/** LangSmith: request and response as JSON under `gen_ai.prompt` and `gen_ai.completion`. */

import { isList, parseJsonText, parseJsonTextOrNull, text } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import type { ParsedSpan, SpanKind, ToolRun } from '../provider/model.ts';
import { readMessages, readRequest } from '../provider/request.ts';
import { statedBy } from '../provider/response-form.ts';
import { readResponse } from '../provider/span-response.ts';
import { complete, usageOfBody } from '../provider/usage.ts';
import { callInfo } from './call-info.ts';
import type { Dialect } from './dialect.ts';
import type { Attributes, OtelSpan } from './span.ts';
import { toolOutput } from './tool-answer.ts';

const KIND = 'langsmith.span.kind';
const PROMPT = 'gen_ai.prompt';
const COMPLETION = 'gen_ai.completion';
const USAGE = 'langsmith.usage_metadata';
const METADATA = 'langsmith.metadata.';

function isLangSmith(a: Attributes): boolean {
  return typeof a[KIND] === 'string';
}

const KINDS = new Map<string, SpanKind>([
  ['llm', 'llm'],
  ['tool', 'tool'],
  ['chain', 'chain'],
  ['retriever', 'retriever'],
  ['embedding', 'embedding'],
]);

function readLangSmith(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const kind = KINDS.get(text(a[KIND])?.toLowerCase() ?? '') ?? 'span';
  const parsed: ParsedSpan = { kind, consumed: [PROMPT, COMPLETION] };
  if (kind === 'llm' || kind === 'embedding') {
    parsed.call = callInfo(span);
    parsed.call.usage = complete(parsed.call.usage, usageOfBody(a[USAGE]));
    // The reasons of several choices are one text, separated by commas.
    parsed.call.finish_reasons = parsed.call.finish_reasons.flatMap((words) =>
      words.split(',').map((word) => word.trim()),
    );
  }
  if (kind === 'llm' && parsed.call !== undefined) {
    const answer = readResponse(a[COMPLETION]);
    const prompt = parseJsonText(a[PROMPT]);
    parsed.call.prompts = readRequest(prompt) ?? readMessages(prompt, 'user');
    parsed.call.choices =
      answer?.choices ?? readMessages(parseJsonText(a[COMPLETION]), 'assistant');
    parsed.call.usage = complete(parsed.call.usage, answer?.usage ?? null);
    parsed.call.response_id ??= answer?.response_id ?? null;
    return { ...parsed, ...statedBy(answer) };
  }
  if (a[PROMPT] !== undefined) parsed.input = parseJsonTextOrNull(a[PROMPT]);
  if (a[COMPLETION] !== undefined) parsed.output = parseJsonTextOrNull(a[COMPLETION]);
  if (kind === 'tool') {
    const answer = toolOutput(unwrap(parsed.output, 'outputs'));
    const called = argumentsOf(parsed.input);
    parsed.tool = {
      id:
        text(a[`${METADATA}tool_call_id`]) ??
        text(a['gen_ai.tool.call.id']) ??
        called.id ??
        answer.id,
      name: text(a['gen_ai.tool.name']) ?? span.name,
      arguments: called.arguments,
      output: answer.output,
    };
  }
  return parsed;
}

/** A tool of the Vercel AI SDK receives its arguments and, as a second argument, the call. */
function argumentsOf(input: JsonValue | undefined): Pick<ToolRun, 'id' | 'arguments'> {
  const args = isObject(input) && isList(input.args) ? input.args : [];
  const [first, options] = args;
  const id = isObject(options) ? text(options.toolCallId) : null;
  return { id, arguments: id === null ? unwrap(input, 'input') : parseJsonTextOrNull(first) };
}

/** Values that are not objects are wrapped: `{"input": ...}`, `{"outputs": ...}`. */
function unwrap(value: JsonValue | undefined, key: 'input' | 'outputs'): JsonValue {
  if (isObject(value) && Object.keys(value).length === 1 && value[key] !== undefined) {
    return parseJsonTextOrNull(value[key]);
  }
  return value ?? null;
}

export const langSmith: Dialect = {
  name: 'langsmith',
  prefixes: ['langsmith.'],
  sessionKeys: ['langsmith.metadata.session_id', 'langsmith.metadata.sessionId'],
  conversationKeys: ['langsmith.metadata.thread_id', 'langsmith.metadata.conversation_id'],
  userKeys: ['langsmith.metadata.user_id', 'langsmith.metadata.userId'],
  tagKeys: ['langsmith.span.tags', 'langsmith.metadata.tags'],
  metadataPrefixes: ['langsmith.metadata.'],
  speaks: isLangSmith,
  read: readLangSmith,
};
