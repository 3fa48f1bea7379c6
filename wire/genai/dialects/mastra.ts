import { openOrNull, text } from '../provider/json.ts';
import type { ModelCall, Reading, SpanKind } from '../provider/model.ts';
import { readRequest } from '../provider/request.ts';
import { readAnswer } from '../provider/response.ts';
import { callFacts, emptyCall, millisBetween } from './call-facts.ts';
import { choicesOf } from './content-keys.ts';
import type { Attributes, OtelSpan } from './span.ts';

const TYPE = 'mastra.span.type';
const OUTPUT_MESSAGES = 'gen_ai.output.messages';
const BODY = 'mastra.metadata.body';

export function isMastra(a: Attributes): boolean {
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

export function readMastra(span: OtelSpan): Reading {
  const a = span.attributes;
  const type = text(a[TYPE]) ?? '';
  const input = `mastra.${type}.input`;
  const output = `mastra.${type}.output`;
  if (type === 'model_step') return readStep(a, input, output);
  if (type === 'model_inference') return readInference(span);
  // Before steps had spans of their own, the generation was the call and had the usage.
  if (type === 'model_generation' && hasUsage(a)) return readGeneration(span, input, output);
  const kind = KINDS.get(type) ?? 'span';
  const reading: Reading = { kind, consumed: [input, output] };
  if (a[input] !== undefined) reading.input = openOrNull(a[input]);
  if (a[output] !== undefined) reading.output = openOrNull(a[output]);
  return kind === 'tool' ? readTool(a, reading) : reading;
}

function readStep(a: Attributes, input: string, output: string): Reading {
  const body = readAnswer(a[BODY]);
  const call = emptyCall();
  call.prompts = readRequest(a[input]) ?? [];
  call.choices = body?.choices ?? readAnswer(a[output])?.choices ?? [];
  // The other half of the call reports the reason, in its own spelling.
  for (const choice of call.choices) choice.finish_reason = null;
  call.response_id = body?.response_id ?? null;
  return { kind: 'llm', call, consumed: body === null ? [input, output] : [input, output, BODY] };
}

function readInference(span: OtelSpan): Reading {
  const a = span.attributes;
  const call: ModelCall = callFacts(span);
  call.choices = choicesOf(a[OUTPUT_MESSAGES]);
  call.time_to_first_token_ms ??= millisBetween(span.started_at, a['mastra.completion_start_time']);
  if (span.parent_span_id === null) return { kind: 'llm', call, consumed: [OUTPUT_MESSAGES] };
  call.stands_on = span.parent_span_id;
  return { kind: 'span', call, consumed: [OUTPUT_MESSAGES] };
}

function readGeneration(span: OtelSpan, input: string, output: string): Reading {
  const a = span.attributes;
  const call = callFacts(span);
  call.prompts = readRequest(a[input]) ?? [];
  call.choices = readAnswer(a[output])?.choices ?? choicesOf(a[OUTPUT_MESSAGES]);
  return { kind: 'llm', call, consumed: [input, output, OUTPUT_MESSAGES] };
}

function readTool(a: Attributes, reading: Reading): Reading {
  const input = a['gen_ai.tool.call.arguments'];
  const output = a['gen_ai.tool.call.result'];
  if (input !== undefined) reading.input = openOrNull(input);
  if (output !== undefined) reading.output = openOrNull(output);
  return {
    ...reading,
    tool: {
      id: text(a['gen_ai.tool.call.id']),
      name: text(a['gen_ai.tool.name']),
      arguments: reading.input ?? null,
      output: reading.output ?? null,
    },
    consumed: [
      ...(reading.consumed ?? []),
      'gen_ai.tool.call.arguments',
      'gen_ai.tool.call.result',
    ],
  };
}

function hasUsage(a: Attributes): boolean {
  return a['gen_ai.usage.input_tokens'] !== undefined;
}
