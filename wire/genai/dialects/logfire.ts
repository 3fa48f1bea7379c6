/**
 * Pydantic's Logfire and Pydantic AI, where they differ from the GenAI conventions: requests and
 * responses under keys of their own, tools and agents without an operation.
 */

import { isList, parseJsonText, parseJsonTextOrNull, text } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import type { ParsedSpan } from '../provider/model.ts';
import { readMessages, readRequest } from '../provider/request.ts';
import { statedBy } from '../provider/response-form.ts';
import { readResponse } from '../provider/span-response.ts';
import { complete, usageOfBody } from '../provider/usage.ts';
import { callInfo } from './call-info.ts';
import { INPUT, OUTPUT } from './content-keys.ts';
import type { Dialect } from './dialect.ts';
import { listOfChoices, messagesOfEvents } from './events.ts';
import type { Attributes, OtelSpan } from './span.ts';

/** Present on every span of Logfire: how to display its values. */
const SCHEMA = 'logfire.json_schema';
const REQUEST = 'request_data';
const RESPONSE = 'response_data';
const ALL_MESSAGES = ['pydantic_ai.all_messages', 'all_messages_events'] as const;
const RESULT = 'final_result';
const TOOL_KEYS = [
  'tool_arguments',
  'tool_response',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
];

function isLogfire(a: Attributes): boolean {
  if (a[SCHEMA] === undefined) return false;
  return isTool(a) || isCall(a) || ALL_MESSAGES.some((key) => a[key] !== undefined) || hasEvents(a);
}

function readLogfire(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  if (isTool(a)) return readTool(a);
  if (isCall(a)) return readCall(span);
  if (hasEvents(a)) return readEvents(span);
  const messages = ALL_MESSAGES.map((key) => a[key]).find((value) => value !== undefined);
  const parsed: ParsedSpan = { kind: 'agent', consumed: [...ALL_MESSAGES, RESULT] };
  if (messages !== undefined) parsed.input = parseJsonTextOrNull(messages);
  if (a[RESULT] !== undefined) parsed.output = parseJsonTextOrNull(a[RESULT]);
  return parsed;
}

function isTool(a: Attributes): boolean {
  return a['gen_ai.tool.name'] !== undefined && a['gen_ai.request.model'] === undefined;
}

function isCall(a: Attributes): boolean {
  return a[REQUEST] !== undefined && a['gen_ai.request.model'] !== undefined;
}

function hasEvents(a: Attributes): boolean {
  return a.events !== undefined && a[INPUT] === undefined && a[OUTPUT] === undefined;
}

function readTool(a: Attributes): ParsedSpan {
  const input = parseJsonTextOrNull(a['gen_ai.tool.call.arguments'] ?? a.tool_arguments);
  const output = parseJsonTextOrNull(a['gen_ai.tool.call.result'] ?? a.tool_response);
  const tool = {
    id: text(a['gen_ai.tool.call.id']),
    name: text(a['gen_ai.tool.name']),
    arguments: input,
    output,
  };
  return { kind: 'tool', tool, input, output, consumed: TOOL_KEYS };
}

/** A streamed call has two spans: one when it is sent, and one with its response when it ends. */
function readCall(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const request = parseJsonText(a[REQUEST]);
  const response = parseJsonText(a[RESPONSE]);
  if (response === undefined && isObject(request) && request.stream === true) {
    return { kind: 'span' };
  }
  const call = callInfo(span);
  const body = isObject(response) ? response : {};
  const answer = body.message ?? body.combined_chunk_content ?? response;
  call.prompts = readRequest(request) ?? [];
  const read = readResponse(answer);
  call.choices = read?.choices ?? readMessages(text(answer), 'assistant');
  call.usage = complete(call.usage, usageOfBody(body.usage));
  return { kind: 'llm', call, ...statedBy(read), consumed: [REQUEST, RESPONSE] };
}

/** Early Pydantic AI: the events of the conventions as JSON in one attribute. */
function readEvents(span: OtelSpan): ParsedSpan {
  const events = parseJsonText(span.attributes.events);
  const named = (isList(events) ? events : []).flatMap(eventOf);
  const call = callInfo(span);
  const messages = messagesOfEvents(named);
  if (messages !== null) {
    call.prompts = messages.prompts;
    call.choices = listOfChoices(messages);
  }
  return { kind: 'llm', call, consumed: ['events'] };
}

function eventOf(value: JsonValue): { name: string; attributes: Attributes }[] {
  const name = isObject(value) ? text(value['event.name']) : null;
  return isObject(value) && name !== null ? [{ name, attributes: { ...value } }] : [];
}

export const logfire: Dialect = {
  name: 'logfire',
  prefixes: ['pydantic_ai.'],
  speaks: isLogfire,
  read: readLogfire,
};
