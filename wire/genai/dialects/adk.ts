/** Google's Agent Development Kit: Gemini's request and response as JSON, under keys of its own. */

import { parseJsonText, parseJsonTextOrNull, text } from '../../json.ts';
import { isObject } from '../../values.ts';
import type { ParsedSpan } from '../provider/model.ts';
import { readRequest } from '../provider/request.ts';
import { readResponse } from '../provider/span-response.ts';
import { complete, usageOfBody } from '../provider/usage.ts';
import { callInfo } from './call-info.ts';
import type { Dialect } from './dialect.ts';
import type { Attributes, OtelSpan } from './span.ts';

const REQUEST = 'gcp.vertex.agent.llm_request';
const RESPONSE = 'gcp.vertex.agent.llm_response';
const ARGUMENTS = 'gcp.vertex.agent.tool_call_args';
const RESULT = 'gcp.vertex.agent.tool_response';

/** The value of an unknown id. */
const NO_ID = '<not specified>';

function isAdk(a: Attributes): boolean {
  return a[REQUEST] !== undefined || a[ARGUMENTS] !== undefined;
}

function readAdk(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  // Calls also have the keys of tools, empty, and the reverse.
  return a[ARGUMENTS] === undefined ? readCall(span) : readTool(a);
}

function readCall(span: OtelSpan): ParsedSpan {
  const body = parseJsonText(span.attributes[RESPONSE]);
  const answer = isObject(body) ? readResponse({ candidates: [body], ...body }) : null;
  const call = callInfo(span);
  call.prompts = readRequest(span.attributes[REQUEST]) ?? [];
  call.choices = answer?.choices ?? [];
  // The span counts only the candidates; the response also counts the thoughts, and the total.
  if (isObject(body))
    call.usage = complete(usageOfBody(body.usage_metadata) ?? call.usage, call.usage);
  call.response_id ??= answer?.response_id ?? null;
  call.model = answer?.model ?? call.model;
  return { kind: 'llm', call, consumed: [REQUEST, RESPONSE] };
}

function readTool(a: Attributes): ParsedSpan {
  const consumed = [REQUEST, RESPONSE, ARGUMENTS, RESULT];
  const input = parseJsonTextOrNull(a[ARGUMENTS]);
  const output = parseJsonTextOrNull(a[RESULT]);
  const name = text(a['gen_ai.tool.name']);
  // Parallel results are merged into a span of its own, which runs no tool.
  if (name === '(merged tools)') return { kind: 'span', output, consumed };
  const id = text(a['gen_ai.tool.call.id']);
  const tool = { id: id === NO_ID ? null : id, name, arguments: input, output };
  return { kind: 'tool', tool, input, output, consumed };
}

export const adk: Dialect = {
  name: 'google-adk',
  prefixes: ['gcp.vertex.agent.'],
  conversationKeys: ['gcp.vertex.agent.session_id'],
  speaks: isAdk,
  read: readAdk,
};
