/**
 * D2, indexed GenAI keys: `gen_ai.prompt.0.role`, `gen_ai.completion.0.content` (OpenLLMetry JS to
 * 0.22 and its ports in other languages).
 */
import type { JsonValue } from '../records.ts';
import { callFacts } from './call-facts.ts';
import { listOf, listUnder } from './indexed-keys.ts';
import { readMessage } from './message.ts';
import { isObject, text } from './open-json.ts';
import { openParts } from './parts.ts';
import type { Message, Reading, SpanKind } from './reading.ts';
import type { Attributes, OtelSpan } from './span.ts';

const PROMPT = 'gen_ai.prompt.';
const COMPLETION = 'gen_ai.completion.';
const PREFIXES = [PROMPT, COMPLETION];
const REQUEST_TYPE = 'llm.request.type';

/** The first message is always there; looking it up costs less than a walk over all keys. */
export function isIndexed(a: Attributes): boolean {
  return (
    a[REQUEST_TYPE] !== undefined ||
    a['gen_ai.prompt.0.role'] !== undefined ||
    a['gen_ai.prompt.0.content'] !== undefined ||
    a['gen_ai.completion.0.role'] !== undefined ||
    a['gen_ai.completion.0.content'] !== undefined
  );
}

const KIND_OF_REQUEST = new Map<string, SpanKind>([
  ['embedding', 'embedding'],
  ['embeddings', 'embedding'],
  ['rerank', 'retriever'],
]);

export function readIndexed(span: OtelSpan): Reading {
  const a = span.attributes;
  const kind = KIND_OF_REQUEST.get(text(a[REQUEST_TYPE]) ?? '') ?? 'llm';
  if (kind === 'retriever') return { kind };
  const prompts = listUnder(a, PROMPT);
  const call = callFacts(span);
  const reading: Reading = { kind, call, consumedPrefixes: PREFIXES };
  if (kind === 'embedding') return { ...reading, input: prompts };
  call.prompts = prompts.flatMap((prompt) => readIndexedMessage(prompt, null));
  call.choices = listUnder(a, COMPLETION).flatMap((choice) =>
    readIndexedMessage(choice, 'assistant'),
  );
  return reading;
}

/**
 * Content that was not text is JSON: a list of parts, or the four letters `null` for a message of
 * nothing but tool calls.
 */
function readIndexedMessage(value: JsonValue, role: string | null): Message[] {
  if (!isObject(value)) return readMessage(value, role);
  const isNull = value.content === 'null' && text(value.role) !== 'user';
  const content = isNull ? null : (openParts(value.content) ?? value.content ?? null);
  const tool_calls = value.tool_calls === undefined ? null : listOf(value.tool_calls);
  return readMessage({ ...value, content, tool_calls }, role);
}
