import { readAnswer } from './answer.ts';
import { callFacts, millisBetween } from './call-facts.ts';
import { readMessages, readRequest } from './conversation.ts';
import { isObject, type JsonObject, open, openOrNull, text } from './open-json.ts';
import { NO_USAGE, type Reading, type SpanKind, type Usage } from './reading.ts';
import type { Attributes, OtelSpan } from './span.ts';
import { count, settle, usageOfBody } from './usage.ts';

const TYPE = 'langfuse.observation.type';
const INPUT = 'langfuse.observation.input';
const OUTPUT = 'langfuse.observation.output';
const METADATA = 'langfuse.observation.metadata.';

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
  const kind = KINDS.get(text(a[TYPE])?.toLowerCase() ?? '') ?? 'span';
  const reading: Reading = { kind, consumed: [INPUT, OUTPUT] };
  if (a['langfuse.observation.level'] === 'ERROR') {
    reading.failure = { message: text(a['langfuse.observation.status_message']) };
  }
  if (kind === 'llm' || kind === 'embedding') reading.call = factsOf(span);
  if (kind === 'llm' && reading.call !== undefined) {
    const answer = readAnswer(a[OUTPUT]);
    reading.call.prompts = readRequest(a[INPUT]) ?? readMessages(open(a[INPUT]), 'user');
    reading.call.choices = answer?.choices ?? readMessages(text(a[OUTPUT]), 'assistant');
    reading.call.response_id ??= answer?.response_id ?? null;
    return reading;
  }
  if (a[INPUT] !== undefined) reading.input = openOrNull(a[INPUT]);
  if (a[OUTPUT] !== undefined) reading.output = openOrNull(a[OUTPUT]);
  if (kind === 'tool') {
    reading.tool = {
      id: text(a[`${METADATA}toolCallId`]) ?? text(a[`${METADATA}tool_call_id`]),
      name: span.name,
      arguments: reading.input ?? null,
      output: reading.output ?? null,
    };
  }
  return reading;
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
  const cached = count(details.input_cached_tokens) ?? count(details.cache_read_input_tokens);
  const written = count(details.cache_creation_input_tokens) ?? count(details.input_cache_creation);
  const reasoning = count(details.output_reasoning_tokens) ?? count(details.reasoning_tokens);
  if (input === null && output === null) {
    return usageOfBody(details) ?? { ...NO_USAGE };
  }
  const isInside = total !== null && total === (input ?? 0) + (output ?? 0);
  const prompt = isInside ? input : plus(input, sumOf(details, INPUT_DETAIL));
  const completion = isInside ? output : plus(output, sumOf(details, OUTPUT_DETAIL));
  return settle({ prompt, completion, total, cached, cache_write: written, reasoning }, 'inside');
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
