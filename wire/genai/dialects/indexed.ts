/**
 * Indexed GenAI keys: `gen_ai.prompt.0.role`, `gen_ai.completion.0.content` (OpenLLMetry JS up to
 * 0.22 and its ports in other languages).
 */

import { text } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { mergeTurns, readMessage } from '../provider/message.ts';
import type { Message, ParsedSpan, SpanKind } from '../provider/model.ts';
import { parseParts } from '../provider/parts.ts';
import { callInfo } from './call-info.ts';
import type { Dialect } from './dialect.ts';
import { listOf, listUnder } from './indexed-keys.ts';
import type { Attributes, OtelSpan } from './span.ts';

const PROMPT = 'gen_ai.prompt.';
const COMPLETION = 'gen_ai.completion.';
const PREFIXES = [PROMPT, COMPLETION];
const REQUEST_TYPE = 'llm.request.type';

/** The first message is always present; looking it up is cheaper than iterating over all keys. */
function isIndexed(a: Attributes): boolean {
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

function readIndexed(span: OtelSpan): ParsedSpan {
  const a = span.attributes;
  const kind = KIND_OF_REQUEST.get(text(a[REQUEST_TYPE]) ?? '') ?? 'llm';
  if (kind === 'retriever') return { kind };
  const prompts = listUnder(a, PROMPT);
  const call = callInfo(span);
  const parsed: ParsedSpan = { kind, call, consumedPrefixes: PREFIXES };
  if (kind === 'embedding') return { ...parsed, input: prompts };
  call.prompts = prompts.flatMap((prompt) => readIndexedMessage(prompt, null));
  call.choices = joinPieces(listUnder(a, COMPLETION));
  return parsed;
}

/**
 * Not every completion is a choice. OpenLLMetry for Python writes Anthropic's thoughts under an index of
 * their own before the answer, both with the finish reason; LiteLLM writes each tool call of one answer
 * under an index of its own, with a role only for the first.
 */
function joinPieces(completions: readonly JsonValue[]): Message[] {
  const turns: Message[][] = [];
  let joinsNext = false;
  for (const completion of completions) {
    const [read] = readIndexedMessage(completion, 'assistant');
    if (read === undefined) continue;
    const isThought = read.role === 'thinking';
    const message = isThought ? thoughtsOf(read) : read;
    const before = turns.at(-1);
    if (before !== undefined && (joinsNext || isLooseCall(completion))) before.push(message);
    else turns.push([message]);
    joinsNext = isThought;
  }
  return mergeTurns(turns);
}

function thoughtsOf(message: Message): Message {
  const parts = [{ type: 'reasoning', text: message.content }];
  return { ...message, role: 'assistant', content: null, parts };
}

function isLooseCall(completion: JsonValue): boolean {
  return isObject(completion) && Object.keys(completion).join() === 'function_call';
}

/** Empty content as JSON: no text, an empty one, or no parts. */
const NOTHING = new Set<JsonValue | undefined>(['null', '""', '[]']);

/** Content other than text is JSON: a list of parts, or nothing beside tool calls. */
function readIndexedMessage(value: JsonValue, role: string | null): Message[] {
  if (!isObject(value)) return readMessage(value, role);
  // OpenLLMetry for Python writes a plain prompt under the role itself.
  if (value.content === undefined && text(value.user) !== null) {
    return readMessage({ role: 'user', content: value.user ?? null });
  }
  const isNothing = NOTHING.has(value.content) && text(value.role) !== 'user';
  const content = isNothing ? null : (parseParts(value.content) ?? value.content ?? null);
  const tool_calls = value.tool_calls === undefined ? null : listOf(value.tool_calls);
  return readMessage({ ...value, content, tool_calls }, role);
}

export const indexedGenAi: Dialect = {
  name: 'indexed-genai',
  prefixes: ['llm.'],
  speaks: isIndexed,
  read: readIndexed,
};
