/** OpenInference: flat indexed keys, and the whole request and response beside them. */

import { parseJsonText, text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { mergeMessages, mergeTurns } from '../provider/message.ts';
import {
  type Message,
  NO_USAGE,
  type ParsedSpan,
  type SpanKind,
  type ToolRun,
} from '../provider/model.ts';
import { type ProviderRequest, readMessages, readRequestBody } from '../provider/request.ts';
import { type ProviderResponse, statedBy } from '../provider/response-form.ts';
import { readResponse } from '../provider/span-response.ts';
import { complete } from '../provider/usage.ts';
import { callInfo, millisBetween, providerName } from './call-info.ts';
import type { Dialect } from './dialect.ts';
import { listOf, listUnder } from './indexed-keys.ts';
import type { Attributes, OtelSpan } from './span.ts';
import { toolOutput } from './tool-answer.ts';

const KIND = 'openinference.span.kind';
const INPUT = 'input.value';
const OUTPUT = 'output.value';
const INPUT_MESSAGES = 'llm.input_messages.';
const OUTPUT_MESSAGES = 'llm.output_messages.';
const CONSUMED = [INPUT, OUTPUT, 'input.mime_type', 'output.mime_type'];

function isOpenInference(a: Attributes): boolean {
  return typeof a[KIND] === 'string';
}

const KINDS = new Map<string, SpanKind>([
  ['LLM', 'llm'],
  ['TOOL', 'tool'],
  ['AGENT', 'agent'],
  ['CHAIN', 'chain'],
  ['RETRIEVER', 'retriever'],
  ['EMBEDDING', 'embedding'],
]);

function readOpenInference(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const kind = KINDS.get(text(a[KIND])?.toUpperCase() ?? '') ?? 'span';
  if (kind === 'llm') return readCall(span);
  const parsed: ParsedSpan = { kind, consumed: CONSUMED };
  const input = parseJsonText(a[INPUT]);
  const output = parseJsonText(a[OUTPUT]);
  if (input !== undefined) parsed.input = input;
  if (output !== undefined) parsed.output = output;
  if (kind === 'embedding') {
    parsed.call = callInfo(span);
    parsed.call.model ??= text(a['embedding.model_name']) ?? text(a['llm.model_name']);
    parsed.call.provider ??= providerOf(a);
    const body = readResponse(output);
    const counts = body?.kind === 'embedding' ? body : null;
    parsed.call.usage = complete(parsed.call.usage, counts?.usage ?? null);
    parsed.call.model = counts?.model ?? parsed.call.model ?? readRequestBody(input)?.model ?? null;
  }
  if (kind === 'tool') {
    parsed.tool = readTool(span, input, output);
    parsed.output = parsed.tool.output;
  }
  return parsed;
}

function readCall(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const body = readResponse(a[OUTPUT]);
  const call = callInfo(span);
  const request = readRequestBody(a[INPUT]);
  call.prompts = promptsOf(a, request);
  call.choices = choicesOf(a, body);
  // The response first: the flat counts of Gemini add to the prompt what it already includes.
  call.usage = complete(body?.usage ?? NO_USAGE, call.usage);
  call.model =
    body?.model ??
    text(a['llm.response.model_name']) ??
    text(a['llm.model_name']) ??
    text(a['llm.request.model_name']) ??
    call.model ??
    request?.model ??
    null;
  call.provider = providerOf(a) ?? call.provider ?? body?.provider ?? null;
  call.response_id ??= body?.response_id ?? null;
  const finish = text(a['llm.finish_reason']);
  if (finish !== null && call.choices.length <= 1) call.finish_reasons = [finish];
  if (body?.isPending) call.isPending = true;
  const first = span.events.find(({ name }) => name === 'First Token Stream Event');
  call.time_to_first_token_ms ??= millisBetween(span.started_at, first?.time);
  return {
    kind: 'llm',
    call,
    ...statedBy(body),
    consumed: CONSUMED,
    consumedPrefixes: [INPUT_MESSAGES, OUTPUT_MESSAGES],
  };
}

/**
 * The prompts are present twice, and either copy may lack some: the flat keys lose Anthropic's system
 * prompt, parallel results and LangChain's call ids; the request of an agent lacks its instructions.
 * The copy with more messages is used, and the request when they are equal.
 */
function promptsOf(a: Attributes, body: ProviderRequest | null): Message[] {
  const request = isHidden(a, INPUT_MESSAGES) ? null : (body?.prompts ?? null);
  if (request !== null && request.length >= countFlat(a)) return request;
  const flat = joinTurns(readMessages(listUnder(a, INPUT_MESSAGES).map(messageOf)));
  if (flat.length > 0) return flat;
  return request ?? readMessages(a[INPUT], 'user');
}

/** What stands in place of a text that the program hides (`OPENINFERENCE_HIDE_INPUT_TEXT`). */
const HIDDEN = '__REDACTED__';

/** Whether texts of the flat keys are hidden: the body beside them may still have them. */
function isHidden(a: Attributes, prefix: string): boolean {
  for (const key in a) if (a[key] === HIDDEN && key.startsWith(prefix)) return true;
  return false;
}

const ROLE_END = '.message.role';

/** How many messages the flat keys hold, counted by their roles. */
function countFlat(a: Attributes): number {
  const roles: JsonValue[] = [];
  for (const key in a) {
    if (!key.startsWith(INPUT_MESSAGES) || !key.endsWith(ROLE_END)) continue;
    const position = Number(key.slice(INPUT_MESSAGES.length, -ROLE_END.length));
    if (Number.isInteger(position)) roles[position] = a[key] ?? null;
  }
  return Object.values(roles).filter((role, i, all) => !isPiece(role, all[i - 1])).length;
}

/** Parallel tool calls of the Responses API are separate flat messages of one turn. */
function isPiece(role: JsonValue | undefined, before: JsonValue | undefined): boolean {
  return role === 'assistant' && before === 'assistant';
}

function joinTurns(messages: readonly Message[]): Message[] {
  const turns: Message[][] = [];
  for (const message of messages) {
    const before = turns.at(-1);
    if (isPiece(message.role, before?.at(-1)?.role)) before?.push(message);
    else turns.push([message]);
  }
  return mergeTurns(turns);
}

/** Flat output messages are not choices: each parallel tool call is one of them. */
function choicesOf(a: Attributes, body: ProviderResponse | null): Message[] {
  const isShown = !isHidden(a, OUTPUT_MESSAGES);
  const isAnswered = body !== null && (body.choices.length > 0 || body.failure || body.isPending);
  if (isShown && isAnswered) return body.choices;
  const flat = mergeMessages(
    readMessages(listUnder(a, OUTPUT_MESSAGES).map(messageOf), 'assistant'),
  );
  if (flat !== null) return [{ ...flat, role: flat.role ?? 'assistant' }];
  return readMessages(text(a[OUTPUT]), 'assistant');
}

/** A message from `message.contents.0.message_content.text` and similar keys. */
function messageOf(item: JsonValue): JsonValue {
  const message = isObject(item) && isObject(item.message) ? item.message : item;
  if (!isObject(message)) return message;
  const { contents, tool_calls, ...rest } = message;
  return {
    ...rest,
    content: contents === undefined ? (message.content ?? null) : listOf(contents).map(partOf),
    tool_calls: tool_calls === undefined ? null : listOf(tool_calls).map(callOf),
  };
}

function partOf(item: JsonValue): JsonValue {
  if (!isObject(item)) return item;
  if (isObject(item.tool_call)) return { type: 'function_call', ...flatCall(item.tool_call) };
  return item.message_content ?? item;
}

function callOf(item: JsonValue): JsonValue {
  return isObject(item) && isObject(item.tool_call) ? item.tool_call : item;
}

function flatCall(call: JsonObject): JsonObject {
  const called = isObject(call.function) ? call.function : {};
  return {
    call_id: call.id ?? null,
    name: called.name ?? null,
    arguments: called.arguments ?? null,
  };
}

function readTool(
  span: OtelSpan,
  input: JsonValue | undefined,
  output: JsonValue | undefined,
): ToolRun {
  const a = span.attributes;
  const answer = toolOutput(output);
  // A single argument of LangChain lacks its name, which the call of the model has.
  const isBare = answer.id !== null && !isObject(input);
  return {
    id: text(a['tool_call.id']) ?? text(a['tool.id']) ?? answer.id,
    name: text(a['tool.name']) ?? text(a['tool_call.function.name']) ?? answer.name ?? span.name,
    arguments: isBare ? null : (input ?? parseJsonText(a['tool.parameters']) ?? null),
    output: answer.output,
  };
}

function providerOf(a: Attributes): string | null {
  return providerName(a['llm.provider'] ?? a['llm.system']);
}

export const openInference: Dialect = {
  name: 'openinference',
  prefixes: ['openinference.'],
  tagKeys: ['tag.tags'],
  speaks: isOpenInference,
  read: readOpenInference,
};
