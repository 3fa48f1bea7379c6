/** The prompts in a request body of any provider. */

import { isList, parseJsonText, text } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { isMessage, mergeMessages, readMessage } from './message.ts';
import type { Message } from './model.ts';
import { isPartType } from './parts.ts';

/** Most messages that are read from one span. A list of a million empty messages is an attack. */
const MAX_MESSAGES = 4_000;

/** A list of messages, or of items of the Responses API; a plain text is one message. */
export function readMessages(value: JsonValue | undefined, role: string | null = null): Message[] {
  if (value === undefined || value === null || value === '') return [];
  if (!isList(value)) return readMessage(value, role);
  // LangChain sends batches: the messages of the first request are one level deeper.
  if (value.length === 1 && isList(value[0])) return readMessages(value[0], role);
  const rows: Message[] = [];
  // The pieces of the last row, if there is more than one.
  let turn: Message[] = [];
  const endTurn = () => {
    if (turn.length === 0) return;
    const whole = mergeMessages(turn);
    if (whole !== null) rows[rows.length - 1] = whole;
    turn = [];
  };
  let joinsBefore = false;
  const count = Math.min(value.length, MAX_MESSAGES);
  for (let i = 0; i < count; i++) {
    const item = value[i] ?? null;
    const read = readMessage(item, role);
    const isLoose = isObject(item) && typeof item.role !== 'string' && isPartType(item.type);
    const before = rows.at(-1);
    const [only] = read;
    // Items of the Responses API are pieces of one message: reasoning, text and calls of one turn.
    if (
      (joinsBefore || isLoose) &&
      read.length === 1 &&
      only?.role === 'assistant' &&
      before?.role === 'assistant'
    ) {
      if (turn.length === 0) turn.push(before);
      turn.push(only);
    } else {
      endTurn();
      for (const message of read) rows.push(message);
    }
    joinsBefore = isLoose;
  }
  endTurn();
  if (value.length > MAX_MESSAGES) {
    rows.push(...readMessage(`…[cut: ${MAX_MESSAGES} of ${value.length} messages]`));
  }
  return rows;
}

/** The system prompt: a text, or a list of parts. */
export function readSystem(value: JsonValue | undefined): Message[] {
  if (value === undefined || value === null || value === '') return [];
  if (isObject(value) && isList(value.parts)) return readSystem(value.parts);
  if (isMessage(value)) return readMessage(value, 'system');
  return readMessage({ role: 'system', content: value });
}

/** Keys of what a model is asked, in requests of all providers. */
const MESSAGE_KEYS = ['messages', 'input', 'contents', 'prompt', 'inputText', 'message'] as const;
/** Keys of the system prompt, also below `config`. */
const SYSTEM_KEYS = [
  'system',
  'instructions',
  'systemInstruction',
  'system_instruction',
  'preamble',
] as const;

/** A request to a model. */
export interface ProviderRequest {
  prompts: Message[];
  model: string | null;
  /** The keys whose content is in the prompts; `config.` precedes those below `config`. */
  keys: readonly string[];
}

/** The key of what a model is asked; undefined for an object that is no request. */
export function messageKeyOf(request: JsonObject): string | undefined {
  return MESSAGE_KEYS.find((name) => request[name] != null);
}

/** Reads a request body; null when the value is not a request. */
export function readRequestBody(value: JsonValue | undefined): ProviderRequest | null {
  const request = parseJsonText(value);
  const asked = (prompts: Message[]): ProviderRequest => ({ prompts, model: null, keys: [] });
  if (isList(request)) {
    const list = request.length === 1 && isList(request[0]) ? request[0] : request;
    return list.length > 0 && list.every(isMessageOrPart) ? asked(readMessages(list)) : null;
  }
  if (!isObject(request)) return null;
  const key = messageKeyOf(request);
  if (key === undefined) return isMessage(request) ? asked(readMessages([request])) : null;
  const config = isObject(request.config) ? request.config : {};
  const system = SYSTEM_KEYS.find((name) => request[name] ?? config[name]);
  const { model } = request;
  return {
    prompts: [
      ...(system ? readSystem(request[system] ?? config[system]) : []),
      ...readMessages(openMessages(request[key]), 'user'),
    ],
    model: text(isObject(model) ? model.modelId : model) ?? text(request.modelId),
    keys: [key, ...(system ? [system in request ? system : `config.${system}`] : [])],
  };
}

/** The prompts of a request body; null when the value is not a request. */
export function readRequest(value: JsonValue | undefined): Message[] | null {
  return readRequestBody(value)?.prompts ?? null;
}

/** Whether a value is a message, or an item of the Responses API. */
export function isMessageOrPart(item: JsonValue): boolean {
  return isMessage(item) || (isObject(item) && isPartType(item.type));
}

/** A list of messages may be JSON in a text. Any other text is what the user said. */
function openMessages(value: JsonValue | undefined): JsonValue | undefined {
  const opened = typeof value === 'string' && value.startsWith('[') ? parseJsonText(value) : value;
  return isList(opened) && (isList(value) || opened.every(isMessageOrPart)) ? opened : value;
}
