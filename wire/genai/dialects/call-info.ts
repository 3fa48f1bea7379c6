/** What most dialects state about a model call under the same GenAI keys. */

import { isList, parseJsonText, text } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { CALL_FIELDS, type CallField, type ModelCall, NO_USAGE } from '../provider/model.ts';
import { settle } from '../provider/usage.ts';
import type { Attributes, OtelSpan } from '../forms/otel-span.ts';
import { cacheOf, usageOfAttributes } from './usage-keys.ts';

/** Seconds and milliseconds until the first token, by key. */
const FIRST_TOKEN_SECONDS = [
  'gen_ai.response.time_to_first_chunk',
  'gen_ai.client.operation.time_to_first_chunk',
  'gen_ai.server.time_to_first_token',
] as const;
const FIRST_TOKEN_MILLIS = ['ai.response.msToFirstChunk', 'ai.stream.msToFirstChunk'] as const;

export function emptyCall(): ModelCall {
  const unknown = Object.fromEntries(CALL_FIELDS.map((field) => [field, null]));
  return {
    ...(unknown as { [F in CallField]: null }),
    prompts: [],
    choices: [],
    usage: { ...NO_USAGE },
    finish_reasons: [],
  };
}

/** A call with everything that the GenAI keys state, but no messages yet. */
export function callInfo(span: OtelSpan): ModelCall {
  const a = span.attributes;
  const provider = providerName(
    a['gen_ai.provider.name'] ??
      a['gen_ai.system'] ??
      a['llm.provider'] ??
      a['llm.system'] ??
      a['ai.model.provider'],
  );
  const model = text(a['gen_ai.response.model']) ?? text(a['gen_ai.request.model']);
  return {
    prompts: [],
    choices: [],
    usage: settle(usageOfAttributes(a), cacheOf(span.scope_name, provider, model)),
    model,
    provider,
    response_id: text(a['gen_ai.response.id']),
    finish_reasons: finishReasons(
      a['gen_ai.response.finish_reasons'] ?? a['anthropic.message.stop_reason'],
    ),
    time_to_first_token_ms: firstTokenMillis(a),
  };
}

/** `OpenAI` and `openai.chat` are the same provider; `gcp.gen_ai` and `aws.bedrock` are names. */
export function providerName(value: JsonValue | undefined): string | null {
  const name = text(value)?.toLowerCase() ?? null;
  if (name === null) return null;
  const [vendor = name, product] = name.split('.', 2);
  return product !== undefined && CLIENT_KINDS.has(product) ? vendor : name;
}

/** What the Vercel AI SDK and Mastra append to the name of the provider. */
const CLIENT_KINDS = new Set([
  'chat',
  'responses',
  'completion',
  'embedding',
  'messages',
  'image',
  'speech',
  'transcription',
  'generative-ai',
]);

/** The finish reasons of a list, of a JSON text of a list, or of one word; empty for unknown ones. */
export function finishReasons(value: JsonValue | undefined): string[] {
  const opened = parseJsonText(value);
  const list = isList(opened) ? opened : [opened];
  return list.map((word) => text(word) ?? '');
}

function firstTokenMillis(a: Attributes): number | null {
  for (const key of FIRST_TOKEN_MILLIS) {
    const millis = a[key];
    if (isDuration(millis)) return millis;
  }
  for (const key of FIRST_TOKEN_SECONDS) {
    const seconds = a[key];
    if (isDuration(seconds)) return seconds * 1000;
  }
  return null;
}

/** Milliseconds from the start of a span to a time; null when either is unknown or they are reversed. */
export function millisBetween(start: string | null, moment: JsonValue | undefined): number | null {
  const at = text(moment);
  if (start === null || at === null) return null;
  const millis = Date.parse(at) - Date.parse(start);
  return isDuration(millis) ? millis : null;
}

function isDuration(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
