/**
 * The Vercel AI SDK 4 to 6, and 7 with its legacy telemetry: `ai.*` keys. OpenInference and LangSmith
 * add keys to its spans, and OpenLLMetry rewrites most of them to those of the GenAI conventions; the
 * keys of the SDK itself take precedence.
 */

import { isList, parseJsonText, parseJsonTextOrNull, text } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { messagesOf } from '../provider/message.ts';
import type { Message, ModelCall, ParsedSpan, SpanKind, Usage } from '../provider/model.ts';
import { addPart, addText, emptyContent } from '../provider/parts.ts';
import { readRequest } from '../provider/request.ts';
import { complete, count, isApart, settle, usageOfBody } from '../provider/usage.ts';
import { callInfo, finishReasons, millisBetween, providerName } from './call-info.ts';
import { choicesOf, INPUT, OUTPUT, promptsOf } from './content-keys.ts';
import type { Dialect } from './dialect.ts';
import type { Attributes, OtelSpan } from './span.ts';
import { usageOfAttributes } from './usage-keys.ts';

const OPERATION = 'ai.operationId';

function isVercel(a: Attributes): boolean {
  return typeof a[OPERATION] === 'string';
}

/** Root spans run a loop of calls and repeat their totals: they are agents, not calls. */
const KIND_OF_OPERATION = new Map<string, SpanKind>([
  ['ai.toolCall', 'tool'],
  ['ai.generateText', 'agent'],
  ['ai.streamText', 'agent'],
]);

/** Keys of prompts and responses, for spans that store them as input and output. */
const INPUT_KEYS = [
  'ai.prompt',
  'ai.prompt.messages',
  'ai.values',
  'ai.value',
  'ai.toolCall.args',
  'gen_ai.tool.call.arguments',
  INPUT,
];
const OUTPUT_KEYS = [
  'ai.response.object',
  'ai.response.text',
  'ai.toolCall.result',
  'ai.result.text',
  'gen_ai.tool.call.result',
  OUTPUT,
];
const ANSWER_KEYS = ['ai.response.toolCalls', 'ai.response.reasoning'];

/** Keys under which other products repeat the same content. */
const COPIES = [
  'gen_ai.prompt',
  'gen_ai.completion',
  'traceloop.entity.input',
  'traceloop.entity.output',
  'input.value',
  'output.value',
];
const COPIED_MESSAGES = ['llm.input_messages.', 'llm.output_messages.'];

function readVercel(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const operation = text(a[OPERATION]) ?? '';
  // `ai.generateText.doGenerate`, `ai.streamText.doStream`, `ai.embedMany.doEmbed`
  const step = operation.slice(operation.lastIndexOf('.') + 1);
  if (step === 'doEmbed') return readEmbedding(span);
  if (step === 'doGenerate' || step === 'doStream') return readCall(span);
  const kind = KIND_OF_OPERATION.get(operation) ?? 'chain';
  const input = first(a, INPUT_KEYS);
  const output = first(a, OUTPUT_KEYS);
  const parsed: ParsedSpan = { kind, consumed: [...INPUT_KEYS, ...OUTPUT_KEYS, ...copiesIn(a)] };
  if (input !== undefined) parsed.input = parseEach(input);
  if (output !== undefined) parsed.output = parseEach(output);
  if (kind === 'tool') {
    parsed.tool = {
      id: text(a['ai.toolCall.id']) ?? text(a['gen_ai.tool.call.id']),
      name: text(a['ai.toolCall.name']) ?? text(a['gen_ai.tool.name']),
      arguments: parsed.input ?? null,
      output: parsed.output ?? null,
    };
  }
  return parsed;
}

function readCall(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const call = vercelCallInfo(span);
  call.prompts =
    readRequest(a['ai.prompt.messages']) ?? readRequest(a['ai.prompt']) ?? promptsOf(a);
  call.choices = readResponse(a);
  if (call.choices.length === 0) call.choices = choicesOf(a[OUTPUT]);
  return {
    kind: 'llm',
    call,
    consumed: [...INPUT_KEYS, ...OUTPUT_KEYS, ...ANSWER_KEYS, ...copiesIn(a)],
    consumedPrefixes: a['openinference.span.kind'] === undefined ? [] : COPIED_MESSAGES,
  };
}

function copiesIn(a: Attributes): readonly string[] {
  return a['openinference.span.kind'] === undefined &&
    a['langsmith.span.kind'] === undefined &&
    a['traceloop.span.kind'] === undefined
    ? []
    : COPIES;
}

function readEmbedding(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const call = vercelCallInfo(span);
  call.usage.prompt ??= count(a['ai.usage.tokens']);
  const parsed: ParsedSpan = {
    kind: 'embedding',
    call,
    consumed: [...INPUT_KEYS, ...copiesIn(a)],
  };
  const input = first(a, INPUT_KEYS);
  if (input !== undefined) parsed.input = parseEach(input);
  return parsed;
}

function vercelCallInfo(span: OtelSpan): ModelCall {
  const a = span.attributes;
  const call = callInfo(span);
  const firstChunk = span.events.find(({ name }) => name === 'ai.stream.firstChunk');
  call.usage = usageOf(a, call.usage);
  call.model ??= text(a['ai.response.model']) ?? text(a['ai.model.id']);
  call.provider ??= providerName(a['ai.model.provider']);
  call.response_id ??= text(a['ai.response.id']);
  if (call.finish_reasons.every((reason) => reason === '')) {
    call.finish_reasons = finishReasons(a['ai.response.finishReason'] ?? a['ai.finishReason']);
  }
  call.time_to_first_token_ms ??= millisBetween(span.started_at, firstChunk?.time);
  return call;
}

/**
 * Before version 6 the SDK left the cache of Anthropic and Bedrock and the thoughts of Gemini out of its
 * counts. The counts of the provider are in the metadata: all of them, or only the cache.
 */
function usageOf(a: Attributes, counted: Usage): Usage {
  const metadata = parseJsonText(a['ai.response.providerMetadata']);
  if (!isObject(metadata) || a['ai.usage.inputTokenDetails.noCacheTokens'] !== undefined) {
    return counted;
  }
  for (const ofProvider of Object.values(metadata)) {
    if (!isObject(ofProvider)) continue;
    const body = ofProvider.usage ?? ofProvider.usageMetadata ?? ofProvider;
    const usage = usageOfBody(body);
    if (usage === null) continue;
    if (usage.prompt !== null) return complete(usage, counted);
    if (isApart(body)) return settle(complete(usageOfAttributes(a), usage), 'apart');
    return complete(counted, usage);
  }
  return counted;
}

/** The response in pieces: reasoning, text or object, tool calls. Without any there is no choice. */
function readResponse(a: Attributes): Message[] {
  const content = emptyContent();
  const reasoning = text(a['ai.response.reasoning']);
  if (reasoning !== null) addPart(content, { type: 'reasoning', text: reasoning });
  addText(content, a['ai.response.text'] ?? a['ai.result.text'] ?? a['ai.response.object']);
  const calls = parseJsonText(a['ai.response.toolCalls'] ?? a['ai.result.toolCalls']);
  for (const call of isList(calls) ? calls : []) {
    if (isObject(call)) addPart(content, { ...call, type: 'tool-call' });
  }
  return content.parts.length > 0 ? messagesOf('assistant', content) : [];
}

function first(a: Attributes, keys: readonly string[]): JsonValue | undefined {
  const key = keys.find((name) => a[name] !== undefined && a[name] !== '');
  return key === undefined ? undefined : a[key];
}

/** `ai.values` is a list of JSON texts, the other keys are one. */
function parseEach(value: JsonValue): JsonValue {
  return isList(value) ? value.map(parseJsonTextOrNull) : parseJsonTextOrNull(value);
}

export const vercelAi: Dialect = {
  name: 'vercel-ai',
  prefixes: ['ai.'],
  sessionKeys: ['ai.settings.context.sessionId', 'ai.telemetry.metadata.sessionId'],
  userKeys: ['ai.settings.context.userId', 'ai.telemetry.metadata.userId'],
  traceNameKeys: ['ai.telemetry.functionId'],
  tagKeys: ['ai.telemetry.metadata.tags'],
  metadataPrefixes: ['ai.telemetry.metadata.', 'ai.settings.context.'],
  speaks: isVercel,
  read: readVercel,
};
