/**
 * OpenLLMetry (`traceloop.*`) and Laminar (`lmnr.*`): agent, workflow and tool spans around model
 * calls.
 */

import { isList, parseJsonText, parseJsonTextOrNull, text } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import type { ParsedSpan, SpanKind } from '../provider/model.ts';
import { readMessages, readRequest } from '../provider/request.ts';
import { statedBy } from '../provider/response-form.ts';
import { readResponse } from '../provider/span-response.ts';
import { callInfo } from './call-info.ts';
import type { Dialect } from './dialect.ts';
import type { Attributes, OtelSpan } from './span.ts';
import { toolOutput } from './tool-answer.ts';

const KINDS = new Map<string, SpanKind>([
  ['workflow', 'chain'],
  ['task', 'span'],
  ['agent', 'agent'],
  ['tool', 'tool'],
  ['TOOL', 'tool'],
  ['LLM', 'llm'],
]);

/** The kind of a span that a framework states; null when none does. */
export function frameworkKind(a: Attributes): SpanKind | null {
  const word = text(a['traceloop.span.kind']) ?? text(a['lmnr.span.type']);
  return word === null ? null : (KINDS.get(word) ?? 'span');
}

function isFramework(a: Attributes): boolean {
  return (
    a['traceloop.span.kind'] !== undefined ||
    a['lmnr.span.type'] !== undefined ||
    a['lmnr.span.path'] !== undefined
  );
}

const CONSUMED = [
  'traceloop.entity.input',
  'traceloop.entity.output',
  'lmnr.span.input',
  'lmnr.span.output',
];

/** A span that is described by the keys of a framework only. */
function readFrameworkSpan(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  if (frameworkKind(a) !== 'llm') return readFramework(a);
  const input = parseJsonText(a['lmnr.span.input'] ?? a['traceloop.entity.input']);
  const output = a['lmnr.span.output'] ?? a['traceloop.entity.output'];
  const call = callInfo(span);
  call.prompts = readRequest(input) ?? readMessages(input, 'user');
  const answer = readResponse(output);
  call.choices = answer?.choices ?? readMessages(parseJsonText(output), 'assistant');
  return { kind: 'llm', call, ...statedBy(answer), consumed: CONSUMED };
}

export function readFramework(a: Attributes, kind = frameworkKind(a) ?? 'span'): ParsedSpan {
  const input = parseJsonText(a['traceloop.entity.input'] ?? a['lmnr.span.input']);
  const output = parseJsonText(a['traceloop.entity.output'] ?? a['lmnr.span.output']);
  const parsed: ParsedSpan = { kind, consumed: CONSUMED };
  if (input !== undefined) parsed.input = input;
  if (output !== undefined) parsed.output = output;
  if (kind === 'tool') {
    const args = argumentsOf(input);
    const answer = toolOutput(outputOf(output));
    if (input !== undefined) parsed.input = args;
    if (output !== undefined) parsed.output = answer.output;
    parsed.tool = {
      id: text(a['ai.toolCall.id']) ?? answer.id,
      name: answer.name ?? text(a['traceloop.entity.name']) ?? text(a['ai.toolCall.name']),
      arguments: args,
      output: answer.output,
    };
  }
  return parsed;
}

/** LangChain's callback in Python: `{"output": ..., "kwargs": {...}}`. */
function outputOf(output: JsonValue | undefined): JsonValue | undefined {
  const isCallback =
    isObject(output) && isObject(output.kwargs) && Object.keys(output).length === 2;
  return isCallback && output.output !== undefined ? output.output : output;
}

/** The arguments in `{"args":[],"kwargs":{...}}`: one object, or a list. */
function argumentsOf(input: JsonValue | undefined): JsonValue {
  if (isList(input) && input.length === 1 && isObject(input[0])) return input[0];
  if (!isObject(input)) return input ?? null;
  // LangChain's callback in Python: `{"input_str", "inputs", "tags", "metadata", "kwargs"}`.
  if (input.input_str !== undefined) return parseJsonTextOrNull(input.inputs ?? input.input_str);
  const { args, kwargs = {} } = input;
  if (!isList(args) || !isObject(kwargs)) return input;
  if (args.length === 0) return kwargs;
  if (Object.keys(kwargs).length > 0) return input;
  const only = args.length === 1 ? parseJsonText(args[0]) : undefined;
  return isObject(only) ? only : args;
}

export const frameworks: Dialect = {
  name: 'openllmetry-laminar',
  prefixes: ['traceloop.', 'lmnr.'],
  sessionKeys: [
    'traceloop.association.properties.session_id',
    'traceloop.association.properties.sessionId',
    'lmnr.association.properties.session_id',
  ],
  conversationKeys: ['traceloop.association.properties.thread_id'],
  userKeys: [
    'traceloop.association.properties.user_id',
    'traceloop.association.properties.userId',
    'lmnr.association.properties.user_id',
  ],
  tagKeys: ['lmnr.association.properties.tags', 'traceloop.association.properties.tags'],
  metadataPrefixes: ['lmnr.association.properties.metadata.', 'traceloop.association.properties.'],
  speaks: isFramework,
  read: readFrameworkSpan,
};
