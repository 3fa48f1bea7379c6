/** A conversation in any form: lists of messages, requests, batches, transcripts. */
import { isList } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { mergeMessages } from '../provider/message.ts';
import type { Message } from '../provider/model.ts';
import { readMessages, readSystem } from '../provider/request.ts';
import { isMessageLike, plainMessage, roleWord } from './message-forms.ts';
import { firstOf, openValue } from './open-value.ts';
import { isAnyPart, plainPart } from './part-forms.ts';

/** Members of requests and states that hold the messages, best first. */
const HOLDERS =
  /* @__PURE__ */ 'messages input contents prompt inputText prompts history chat_history message inputs query args kwargs data llm_request request body'.split(
    ' ',
  );
/** Holders of which a text is what the user said. */
const SAID = /* @__PURE__ */ new Set([
  'prompt',
  'prompts',
  'input',
  'inputText',
  'message',
  'contents',
  'query',
]);
const SYSTEMS =
  /* @__PURE__ */ 'system system_instruction systemInstruction instructions system_prompt config.system_instruction config.systemInstruction preamble'.split(
    ' ',
  );
const MAX_DEPTH = 5;

/** How a conversation is read. */
export interface ReadAs {
  /** The role of messages that state none. */
  role: string;
  /** Whether a text alone is a message. */
  takesText: boolean;
  /** Whether a list of objects is one of messages, whatever the objects are. */
  isList?: boolean;
}

/** The messages of a value; null for a value that is no conversation. */
export function readConversation(
  value: JsonValue | undefined,
  as: ReadAs,
  depth = 0,
): Message[] | null {
  const opened = openValue(value);
  if (opened === null || opened === undefined || opened === '' || depth > MAX_DEPTH) return null;
  if (isList(opened)) return readList(opened, as, depth);
  if (!isObject(opened)) {
    if (!as.takesText) return null;
    // A text that is cut JSON may have been said by anybody.
    const isCut = typeof opened === 'string' && /^\[\s*\{/.test(opened);
    return readTranscript(opened) ?? readMessages(opened, isCut ? null : as.role);
  }
  const held = heldBy(opened, as, depth);
  if (held !== null) return held;
  const isAlone = opened.content !== undefined || isMessageLike(opened) || isAnyPart(opened);
  return isAlone ? readMessages([plainMessage(opened)], as.role) : null;
}

function heldBy(request: JsonObject, as: ReadAs, depth: number): Message[] | null {
  for (const holder of HOLDERS) {
    const held = request[holder];
    if (held === undefined || held === null) continue;
    const isMessage = request.role !== undefined && holder !== 'messages';
    if (
      isMessage ||
      (holder === 'message' && isObject(held)) ||
      (holder === 'kwargs' && request.lc !== undefined)
    )
      continue;
    if (holder === 'data' && roleWord(request.type) !== null) continue;
    const takesText = SAID.has(holder) && !isObject(held);
    const messages =
      readConversation(held, { ...as, takesText }, depth + 1) ??
      // A text that looks like JSON is still what was said.
      (typeof held === 'string' && takesText ? readMessages(held, as.role) : null);
    if (messages === null) continue;
    const system = firstOf(request, SYSTEMS);
    if (system === undefined || messages[0]?.role === 'system') return messages;
    return [...readSystem(openValue(system)), ...messages];
  }
  return null;
}

function readList(given: readonly JsonValue[], as: ReadAs, depth: number): Message[] | null {
  if (given.length > 0 && given.every(isStated))
    return readMessages(given.map(plainMessage), as.role);
  const list = given.every(isOpen) ? given : given.map(openItem).filter((item) => item !== null);
  const [first] = list;
  if (first === undefined) return null;
  if (list.length === 1 && isList(first)) return readConversation(first, as, depth + 1);
  if (list.every(isPair)) {
    return readMessages(
      list.map((pair) => messageOfPair(pair as JsonValue[])),
      as.role,
    );
  }
  if (list.every((item) => typeof item === 'string')) {
    return as.takesText ? list.flatMap((item) => readMessages(item, as.role)) : null;
  }
  const flat = list.some(isList) ? list.flatMap(callsOrMessages) : list;
  if (flat.every(isPartAlone)) {
    const message = mergeMessages(readMessages([{ role: as.role, content: flat.map(plainPart) }]));
    return message === null ? null : [message];
  }
  const messages = flat.filter((item) => !isOffer(item));
  if (as.isList !== true && !messages.some(isMessageLike)) return null;
  return readMessages(messages.map(plainMessage), as.role);
}

/** A list among messages holds the calls of a turn; a list of lists is a batch. */
function callsOrMessages(item: JsonValue, _index: number, all: readonly JsonValue[]): JsonValue[] {
  if (!isList(item)) return [item];
  return all.every(isList) ? [...item] : [{ role: 'assistant', tool_calls: item }];
}

/** A message that states its role, as most do. */
function isStated(item: JsonValue): boolean {
  return (
    isObject(item) && typeof item.role === 'string' && item.content !== undefined && !isOffer(item)
  );
}

const isOpen = (item: JsonValue): boolean => isObject(item);

/** Items that were converted to text one by one. */
const openItem = (item: JsonValue): JsonValue => openValue(item) ?? null;

/** `['user', 'hello']` */
function isPair(item: JsonValue): boolean {
  return isList(item) && item.length === 2 && roleWord(item[0]) !== null && isContent(item[1]);
}

const isContent = (value: JsonValue | undefined): boolean =>
  typeof value === 'string' || isList(value);

function messageOfPair([role, content]: readonly JsonValue[]): JsonValue {
  return plainMessage({ role: role ?? null, content: content ?? null });
}

/** A part of a message rather than a message or an item, which is a message in itself. */
function isPartAlone(item: JsonValue): boolean {
  if (!isObject(item) || item.role !== undefined || item.message !== undefined) return false;
  if (item.generation_info !== undefined || item.generationInfo !== undefined) return false;
  if (roleWord(item.type) !== null) return false;
  const isItem = typeof item.type === 'string' && ITEM.test(item.type);
  return isAnyPart(item) && !isItem && !isMessageHolder(item);
}

const ITEM = /^(message|reasoning|\w+_call|\w+_call_(output|result)|tool_call.*|tool-.*|tool_.*)$/;

const isMessageHolder = (item: JsonObject): boolean => isList(item.parts) || isObject(item.kwargs);

/** LangChain's handler for Langfuse lists the offered tools after the messages. */
function isOffer(item: JsonValue): boolean {
  const content = isObject(item) ? item.content : undefined;
  return isObject(content) && content.type === 'function' && isObject(content.function);
}

const SPEAKER = /^(?:system|user|assistant|human|ai|tool|developer): /i;
const NEXT_SPEAKER = /\n(?=(?:system|user|assistant|human|ai|tool|developer): )/i;

/** `system: …\nuser: …` in one text; null for any other text. */
export function readTranscript(value: JsonValue): Message[] | null {
  if (typeof value !== 'string' || !/^system: /i.test(value)) return null;
  const turns = value.split(NEXT_SPEAKER);
  if (turns.length < 2) return null;
  return turns.flatMap((turn) => {
    const speaker = SPEAKER.exec(turn)?.[0] ?? '';
    const role = speaker.slice(0, -2);
    return readMessages([plainMessage({ role, content: turn.slice(speaker.length) })]);
  });
}

/** The system prompt in any form; null without one. */
export function readInstructions(value: JsonValue | undefined): Message[] | null {
  const opened = openValue(value);
  if (opened === undefined || opened === null || opened === '') return null;
  if (isList(opened)) {
    if (opened.length === 0) return null;
    if (opened.every((item) => isObject(item) && typeof item.role === 'string')) {
      return readMessages(opened.map(plainMessage), 'system');
    }
    return readSystem(opened.map(plainPart));
  }
  return readSystem(opened);
}
