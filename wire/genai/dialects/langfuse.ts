import { isObject, type JsonObject, open, openOrNull, text } from '../provider/json.ts';
import {
  type Message,
  NO_USAGE,
  type Reading,
  type SpanKind,
  type Usage,
} from '../provider/model.ts';
import { readMessages, readRequest, readSystem } from '../provider/request.ts';
import { readAnswer } from '../provider/response.ts';
import { count, settle, usageOfBody } from '../provider/usage.ts';
import { callFacts, millisBetween } from './call-facts.ts';
import type { Attributes, OtelSpan } from './span.ts';
import { toolAnswer } from './tool-answer.ts';

const TYPE = 'langfuse.observation.type';
const INPUT = 'langfuse.observation.input';
const OUTPUT = 'langfuse.observation.output';
const METADATA = 'langfuse.observation.metadata.';
const INSTRUCTIONS = `${METADATA}instructions`;

export function isLangfuse(a: Attributes): boolean {
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

export function readLangfuse(span: OtelSpan): Reading {
  const a = span.attributes;
  const kind = kindOf(span);
  const reading: Reading = { kind, consumed: [INPUT, OUTPUT] };
  if (a['langfuse.observation.level'] === 'ERROR') {
    reading.failure = { message: text(a['langfuse.observation.status_message']) };
  }
  if (kind === 'llm' || kind === 'embedding') reading.call = factsOf(span);
  if (kind === 'llm' && reading.call !== undefined) {
    const answer = readAnswer(a[OUTPUT]);
    reading.call.prompts = promptsOf(a);
    reading.call.choices = answer?.choices ?? readMessages(text(a[OUTPUT]), 'assistant');
    reading.call.response_id ??= answer?.response_id ?? null;
    // The Responses API has its instructions, and how it ended, beside input and output.
    if (a[INSTRUCTIONS] === undefined) return reading;
    const ended = text(a[`${METADATA}status`]);
    if (ended !== null) reading.call.finish_reasons = [ended];
    return { ...reading, consumed: [INPUT, OUTPUT, INSTRUCTIONS] };
  }
  if (a[INPUT] !== undefined) reading.input = openOrNull(a[INPUT]);
  if (a[OUTPUT] !== undefined) reading.output = openOrNull(a[OUTPUT]);
  if (kind === 'tool') {
    const answer = toolAnswer(reading.output);
    reading.tool = {
      id: text(a[`${METADATA}toolCallId`]) ?? text(a[`${METADATA}tool_call_id`]) ?? answer.id,
      name: span.name,
      arguments: reading.input ?? null,
      output: answer.output,
    };
  }
  return reading;
}

/** The wrapper of OpenAI's client names its spans after the method, and calls each a generation. */
function kindOf({ attributes: a, name }: OtelSpan): SpanKind {
  if (name === 'OpenAI.embeddings') return 'embedding';
  return KINDS.get(text(a[TYPE])?.toLowerCase() ?? '') ?? 'span';
}

function promptsOf(a: Attributes): Message[] {
  const prompts = readRequest(a[INPUT]) ?? readMessages(open(a[INPUT]), 'user');
  nameResults(prompts);
  const instructions = prompts[0]?.role === 'system' ? null : text(a[INSTRUCTIONS]);
  return instructions === null ? prompts : [...readSystem(instructions), ...prompts];
}

const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool']);

/**
 * Langfuse's handler for LangChain.js gives the answer of a tool the tool's name for a role, and no
 * call: it is the next one of that name in the turn before.
 */
function nameResults(prompts: Message[]): void {
  const open = new Map<string, { ids: (string | null)[]; next: number }>();
  for (const message of prompts) {
    for (const { name, id } of message.calls) {
      if (name === null) continue;
      const known = open.get(name);
      if (known === undefined) open.set(name, { ids: [id], next: 0 });
      else known.ids.push(id);
    }
    const called = message.role === null ? undefined : open.get(message.role);
    if (called === undefined || ROLES.has(message.role ?? '')) continue;
    const id = called.ids[called.next++] ?? null;
    message.result = { id, name: message.role, output: message.content, failed: false };
    message.name = message.role;
    message.tool_call_id = id;
    message.role = 'tool';
  }
}

function factsOf(span: OtelSpan) {
  const a = span.attributes;
  const call = callFacts(span);
  const details = open(a['langfuse.observation.usage_details']);
  if (isObject(details)) call.usage = usageOfDetails(details);
  call.model = text(a['langfuse.observation.model.name']) ?? call.model;
  const start = open(a['langfuse.observation.completion_start_time']);
  call.time_to_first_token_ms ??= millisBetween(span.started_at, start);
  return call;
}

/**
 * Langfuse's own wrappers take every detail out of `input` and `output` (`input_cached_tokens`,
 * `output_reasoning_tokens`, ...); the true total stays. People set the keys by hand as well, with
 * the provider's names, and then the details may be inside: the total tells.
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

/** By the wrappers, by the handler for LangChain, and by hand. */
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
