/** Mastra: input and output as JSON under keys of the span's type; a call is a step and an inference. */
import { parseJsonTextOrNull, text } from '../../json.ts';
import type { ModelCall, ParsedSpan, SpanKind } from '../provider/model.ts';
import { readRequest } from '../provider/request.ts';
import { readResponse } from '../provider/span-response.ts';
import { callInfo, emptyCall, millisBetween } from './call-info.ts';
import { choicesOf } from './content-keys.ts';
import type { Dialect } from './dialect.ts';
import type { Attributes, OtelSpan } from './span.ts';

const TYPE = 'mastra.span.type';
const OUTPUT_MESSAGES = 'gen_ai.output.messages';
const BODY = 'mastra.metadata.body';

function isMastra(a: Attributes): boolean {
  return typeof a[TYPE] === 'string';
}

const KINDS = new Map<string, SpanKind>([
  ['agent_run', 'agent'],
  ['workflow_run', 'chain'],
  ['workflow_step', 'chain'],
  ['model_generation', 'chain'],
  ['tool_call', 'tool'],
  ['mcp_tool_call', 'tool'],
]);

function readMastra(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const type = text(a[TYPE]) ?? '';
  const input = `mastra.${type}.input`;
  const output = `mastra.${type}.output`;
  if (type === 'model_step') return readStep(a, input, output);
  if (type === 'model_inference') return readInference(span);
  // In versions without spans for steps, the generation is the call and has the usage.
  if (type === 'model_generation' && hasUsage(a)) return readGeneration(span, input, output);
  const kind = KINDS.get(type) ?? 'span';
  const parsed: ParsedSpan = { kind, consumed: [input, output] };
  if (a[input] !== undefined) parsed.input = parseJsonTextOrNull(a[input]);
  if (a[output] !== undefined) parsed.output = parseJsonTextOrNull(a[output]);
  return kind === 'tool' ? readTool(a, parsed) : parsed;
}

function readStep(a: Attributes, input: string, output: string): ParsedSpan {
  const body = readResponse(a[BODY]);
  const call = emptyCall();
  call.prompts = readRequest(a[input]) ?? [];
  call.choices = body?.choices ?? readResponse(a[output])?.choices ?? [];
  // The inference span reports the finish reason, spelled differently.
  for (const choice of call.choices) choice.finish_reason = null;
  call.response_id = body?.response_id ?? null;
  return { kind: 'llm', call, consumed: body === null ? [input, output] : [input, output, BODY] };
}

function readInference(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const call: ModelCall = callInfo(span);
  call.choices = choicesOf(a[OUTPUT_MESSAGES]);
  call.time_to_first_token_ms ??= millisBetween(span.started_at, a['mastra.completion_start_time']);
  if (span.parent_span_id === null) return { kind: 'llm', call, consumed: [OUTPUT_MESSAGES] };
  call.attach_to_span_id = span.parent_span_id;
  return { kind: 'span', call, consumed: [OUTPUT_MESSAGES] };
}

function readGeneration(span: OtelSpan, input: string, output: string): ParsedSpan {
  const a = span.attributes;
  const call = callInfo(span);
  call.prompts = readRequest(a[input]) ?? [];
  call.choices = readResponse(a[output])?.choices ?? choicesOf(a[OUTPUT_MESSAGES]);
  return { kind: 'llm', call, consumed: [input, output, OUTPUT_MESSAGES] };
}

function readTool(a: Attributes, parsed: ParsedSpan): ParsedSpan {
  const input = a['gen_ai.tool.call.arguments'];
  const output = a['gen_ai.tool.call.result'];
  if (input !== undefined) parsed.input = parseJsonTextOrNull(input);
  if (output !== undefined) parsed.output = parseJsonTextOrNull(output);
  return {
    ...parsed,
    tool: {
      id: text(a['gen_ai.tool.call.id']),
      name: text(a['gen_ai.tool.name']),
      arguments: parsed.input ?? null,
      output: parsed.output ?? null,
    },
    consumed: [...(parsed.consumed ?? []), 'gen_ai.tool.call.arguments', 'gen_ai.tool.call.result'],
  };
}

function hasUsage(a: Attributes): boolean {
  return a['gen_ai.usage.input_tokens'] !== undefined;
}

export const mastra: Dialect = {
  name: 'mastra',
  prefixes: ['mastra.'],
  sessionKeys: ['mastra.metadata.sessionId'],
  conversationKeys: ['mastra.metadata.threadId'],
  userKeys: ['mastra.metadata.userId'],
  metadataPrefixes: ['mastra.metadata.'],
  speaks: isMastra,
  read: readMastra,
};
