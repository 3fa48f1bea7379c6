import { parseJsonText, parseJsonTextOrNull, text } from '../../json.ts';
/** Langfuse: input, output and usage as JSON under `langfuse.observation.*`. */
import type { JsonObject } from '../../records.ts';
import { isObject } from '../../values.ts';
import {
  type Message,
  NO_USAGE,
  type ParsedSpan,
  type SpanKind,
  type Usage,
} from '../provider/model.ts';
import { readMessages, readRequest, readSystem } from '../provider/request.ts';
import { statedBy } from '../provider/response-form.ts';
import { readResponse } from '../provider/span-response.ts';
import { count, settle, usageOfBody } from '../provider/usage.ts';
import { callInfo, millisBetween } from './call-info.ts';
import type { Dialect } from './dialect.ts';
import type { Attributes, OtelSpan } from './span.ts';
import { toolOutput } from './tool-answer.ts';

const TYPE = 'langfuse.observation.type';
const INPUT = 'langfuse.observation.input';
const OUTPUT = 'langfuse.observation.output';
const METADATA = 'langfuse.observation.metadata.';
const INSTRUCTIONS = `${METADATA}instructions`;

function isLangfuse(a: Attributes): boolean {
  return typeof a[TYPE] === 'string';
}

const KINDS = new Map<string, SpanKind>([
  ['generation', 'llm'],
  ['agent', 'agent'],
  ['tool', 'tool'],
  ['chain', 'chain'],
  ['retriever', 'retriever'],
  ['embedding', 'embedding'],
]);

function readLangfuse(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const kind = kindOf(span);
  const parsed: ParsedSpan = { kind, consumed: [INPUT, OUTPUT] };
  if (a['langfuse.observation.level'] === 'ERROR') {
    parsed.failure = { message: text(a['langfuse.observation.status_message']) };
  }
  if (kind === 'llm' || kind === 'embedding') parsed.call = callInfoOf(span);
  if (kind === 'llm' && parsed.call !== undefined) {
    const answer = readResponse(a[OUTPUT]);
    parsed.call.prompts = promptsOf(a);
    parsed.call.choices = answer?.choices ?? readMessages(text(a[OUTPUT]), 'assistant');
    parsed.call.response_id ??= answer?.response_id ?? null;
    Object.assign(parsed, { ...statedBy(answer), ...parsed });
    // For the Responses API, instructions and status are in the metadata.
    if (a[INSTRUCTIONS] === undefined) return parsed;
    const ended = text(a[`${METADATA}status`]);
    if (ended !== null) parsed.call.finish_reasons = [ended];
    return { ...parsed, consumed: [INPUT, OUTPUT, INSTRUCTIONS] };
  }
  if (a[INPUT] !== undefined) parsed.input = parseJsonTextOrNull(a[INPUT]);
  if (a[OUTPUT] !== undefined) parsed.output = parseJsonTextOrNull(a[OUTPUT]);
  if (kind === 'tool') {
    const answer = toolOutput(parsed.output);
    parsed.tool = {
      id: text(a[`${METADATA}toolCallId`]) ?? text(a[`${METADATA}tool_call_id`]) ?? answer.id,
      name: span.name,
      arguments: parsed.input ?? null,
      output: answer.output,
    };
  }
  return parsed;
}

/** The wrapper of OpenAI's client makes every span a generation, and names it after the method. */
function kindOf({ attributes: a, name }: OtelSpan): SpanKind {
  if (name === 'OpenAI.embeddings') return 'embedding';
  return KINDS.get(text(a[TYPE])?.toLowerCase() ?? '') ?? 'span';
}

function promptsOf(a: Attributes): Message[] {
  const prompts = readRequest(a[INPUT]) ?? readMessages(parseJsonText(a[INPUT]), 'user');
  nameResults(prompts);
  const instructions = prompts[0]?.role === 'system' ? null : text(a[INSTRUCTIONS]);
  return instructions === null ? prompts : [...readSystem(instructions), ...prompts];
}

const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool']);

/**
 * Langfuse's handler for LangChain.js writes the name of the tool as the role of its result, and no call
 * id: the result belongs to the next call of that name in the turn before.
 */
function nameResults(prompts: Message[]): void {
  const unanswered = new Map<string, { ids: (string | null)[]; next: number }>();
  for (const message of prompts) {
    for (const { name, id } of message.calls) {
      if (name === null) continue;
      const known = unanswered.get(name);
      if (known === undefined) unanswered.set(name, { ids: [id], next: 0 });
      else known.ids.push(id);
    }
    const called = message.role === null ? undefined : unanswered.get(message.role);
    if (called === undefined || ROLES.has(message.role ?? '')) continue;
    const id = called.ids[called.next++] ?? null;
    message.result = { id, name: message.role, output: message.content, failed: false };
    message.name = message.role;
    message.tool_call_id = id;
    message.role = 'tool';
  }
}

function callInfoOf(span: OtelSpan) {
  const a = span.attributes;
  const call = callInfo(span);
  const details = parseJsonText(a['langfuse.observation.usage_details']);
  if (isObject(details)) call.usage = usageOfDetails(details);
  call.model = text(a['langfuse.observation.model.name']) ?? call.model;
  const start = parseJsonText(a['langfuse.observation.completion_start_time']);
  call.time_to_first_token_ms ??= millisBetween(span.started_at, start);
  return call;
}

/**
 * Langfuse's own wrappers subtract every detail (`input_cached_tokens`, `output_reasoning_tokens`, ...)
 * from `input` and `output`, and keep the true total. Applications also set the keys by hand, with the
 * provider's names, and then the details may be included: the total shows which.
 */
function usageOfDetails(details: JsonObject): Usage {
  const input = count(details.input);
  const output = count(details.output);
  const total = count(details.total);
  const cached = firstCount(details, CACHED);
  const written = firstCount(details, WRITTEN);
  const reasoning = firstCount(details, REASONED);
  if (input === null && output === null) {
    return usageOfBody(details) ?? { ...NO_USAGE };
  }
  const isInside = total !== null && total === (input ?? 0) + (output ?? 0);
  const prompt = isInside ? input : plus(input, sumOf(details, INPUT_DETAIL));
  const completion = isInside ? output : plus(output, sumOf(details, OUTPUT_DETAIL));
  return settle({ prompt, completion, total, cached, cache_write: written, reasoning }, 'inside');
}

/** Names used by the wrappers, by the handler for LangChain, and by hand. */
const CACHED = ['input_cached_tokens', 'input_cache_read', 'cache_read_input_tokens'] as const;
const WRITTEN = ['input_cache_creation', 'cache_creation_input_tokens'] as const;
const REASONED = ['output_reasoning_tokens', 'output_reasoning', 'reasoning_tokens'] as const;

function firstCount(details: JsonObject, keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = count(details[key]);
    if (value !== null) return value;
  }
  return null;
}

const INPUT_DETAIL = ['input_', 'cache_'] as const;
const OUTPUT_DETAIL = ['output_', 'reasoning_'] as const;

function sumOf(details: JsonObject, prefixes: readonly string[]): number {
  let sum = 0;
  for (const [key, value] of Object.entries(details)) {
    if (prefixes.some((prefix) => key.startsWith(prefix))) sum += count(value) ?? 0;
  }
  return sum;
}

function plus(value: number | null, more: number): number | null {
  return value === null ? null : value + more;
}

export const langfuse: Dialect = {
  name: 'langfuse',
  prefixes: ['langfuse.'],
  sessionKeys: ['langfuse.session.id'],
  userKeys: ['langfuse.user.id'],
  traceNameKeys: ['langfuse.trace.name'],
  tagKeys: ['langfuse.trace.tags'],
  metadataPrefixes: ['langfuse.trace.metadata.'],
  speaks: isLangfuse,
  read: readLangfuse,
};
