/**
 * What is left of the attributes that hold content: every leaf that no column has. So nothing is lost
 * that a form of message does not provide for, and nothing is stored twice.
 */
import { isList } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { openValue } from '../forms/open-value.ts';
import type { Attributes } from '../forms/otel-span.ts';
import { CLASS } from '../forms/python-repr.ts';
import {
  CallPart,
  type Message,
  type MessagePart,
  type ParsedSpan,
  type ToolCall,
} from '../provider/model.ts';

/** Members that give a value its form rather than being said: the columns state the same in their words. */
const STRUCTURE = 'type role index kind part_kind block_type message_type messageType lc';

/** Members of requests that are not said to anybody; they stay as they are. */
const SETTINGS =
  'tools functions tool_choice toolConfig tool_config response_format text_format schema json_schema config generation_config generationConfig inferenceConfig safety_settings extra_body';

const SPECIAL: ReadonlyMap<string, 'structure' | 'setting'> = /* @__PURE__ */ (() =>
  new Map([
    [CLASS, 'structure'],
    ...STRUCTURE.split(' ').map((name) => [name, 'structure'] as const),
    ...SETTINGS.split(' ').map((name) => [name, 'setting'] as const),
  ]))();

/** Attributes that have the tools of the request, too. */
const OFFERS = ['llm.tools.0.tool.json_schema', 'gen_ai.tool.definitions', 'gen_ai.request.tools'];

/** Most searches of a text in others: pieces of a message are stored as one text. */
const MAX_SEARCHES = 200;
/** Below this, a piece may be part of any text. */
const MIN_PIECE = 2;
const MAX_DEPTH = 64;
const OWN = { configurable: true, enumerable: true, writable: true };
/** Texts that may hold a value. */
const OPENABLE = /^\s*(?:[{["]|[A-Z]\w*\()/;

/** Everything that the columns of a span will hold. */
export class Stored {
  readonly #leaves = new Set<JsonValue>();
  readonly #texts: string[] = [];
  #hasMedia = false;
  hasOffers = false;
  #searches = 0;

  /** Adds what columns hold of a span; its messages may have been added before. */
  add({ call, tool, input, output, failure, attributes }: ParsedSpan, hasMessages: boolean): void {
    if (call !== undefined) {
      if (!hasMessages) {
        this.addMessages(call.prompts);
        this.addMessages(call.choices, false);
      }
      for (const reason of call.finish_reasons) this.#leaves.add(reason);
      // The reason that the span states stands in place of that of the choice.
      call.choices.forEach(({ finish_reason }, at) => {
        this.#leaves.add(call.finish_reasons[at] || finish_reason);
      });
      const { model, provider, response_id, usage } = call;
      // A call without an answer and tokens may have no row.
      const isCounted = Object.values(usage).some((tokens) => tokens !== null);
      if (call.choices.length > 0 || isCounted) {
        this.#leaves.add(model).add(provider).add(response_id);
      }
      for (const field in usage) this.#leaves.add(usage[field as keyof typeof usage]);
    }
    if (tool !== undefined) {
      this.#leaves.add(tool.id).add(tool.name);
      this.#addValue(tool.arguments, 0);
      this.#addValue(tool.output, 0);
    }
    if (input !== undefined) this.#addValue(input, 0);
    if (output !== undefined) this.#addValue(output, 0);
    if (failure !== undefined) {
      this.#leaves
        .add(failure.message)
        .add(failure.type ?? null)
        .add(failure.code ?? null);
    }
    if (attributes !== undefined) this.#addValue(attributes, 0);
  }

  /** Notes what other attributes have. */
  addRest(rest: Attributes): void {
    this.hasOffers = OFFERS.some((key) => rest[key] !== undefined);
  }

  /** Adds messages. Choices have no columns for a name and the call that they answer. */
  addMessages(messages: readonly Message[], arePrompts = true): void {
    for (const message of messages) {
      this.#addMessage(message);
      if (arePrompts) this.#leaves.add(message.name).add(message.tool_call_id);
    }
  }

  #addMessage({ content, parts, calls, result }: Message): void {
    if (content !== null) this.#addText(content);
    if (parts !== null) for (const part of parts) this.#addPart(part);
    for (const call of calls) this.#addCall(call);
    if (result !== null) {
      this.#leaves.add(result.id).add(result.name);
      this.#addValue(result.output, 0);
    }
  }

  #addPart(part: MessagePart): void {
    if (part instanceof CallPart) {
      this.#addCall(part.call);
      return;
    }
    if (part.bytes !== undefined || part.uri !== undefined) this.#hasMedia = true;
    this.#addValue(part, 0);
  }

  #addCall({ id, name, arguments: args, text, run }: ToolCall): void {
    this.#leaves.add(id).add(name);
    if (text !== undefined) this.#leaves.add(text);
    this.#addValue(args, 0);
    if (run !== undefined) this.#addValue(run.output, 0);
  }

  #addText(text: string): void {
    if (this.#leaves.has(text)) return;
    this.#leaves.add(text);
    this.#texts.push(text);
  }

  #addValue(value: JsonValue, depth: number): void {
    if (typeof value === 'string') this.#addText(value);
    else if (typeof value !== 'object' || value === null) this.#leaves.add(value);
    else if (depth < MAX_DEPTH) {
      if (isList(value)) for (const item of value) this.#addValue(item, depth + 1);
      else for (const key in value) this.#addValue((value as JsonObject)[key] ?? null, depth + 1);
    }
  }

  /** Whether a column has the leaf. */
  has(leaf: JsonValue): boolean {
    if (this.#leaves.has(leaf)) return true;
    if (typeof leaf !== 'string') return false;
    if (leaf.trim() === '') return true;
    if (this.#hasMedia && isBytes(leaf)) return true;
    if (leaf.length < MIN_PIECE || this.#searches >= MAX_SEARCHES) return false;
    this.#searches += 1;
    return this.#texts.some((text) => text.length > leaf.length && text.includes(leaf));
  }
}

/** Bytes of media, which are described by their type and size. */
function isBytes(leaf: string): boolean {
  return leaf.startsWith('data:') || /^[\w+/-]{64,}={0,2}$/.test(leaf);
}

/** What columns lack of a value; undefined when they have all of it. */
export function unread(value: JsonValue, stored: Stored, depth = 0): JsonValue | undefined {
  if (value === null) return undefined;
  if (typeof value === 'string') return unreadText(value, stored, depth);
  if (typeof value !== 'object') return stored.has(value) ? undefined : value;
  if (depth > MAX_DEPTH) return value;
  if (isList(value)) {
    let items: JsonValue[] | undefined;
    for (const item of value) {
      const left = unread(item, stored, depth + 1);
      if (left === undefined) continue;
      items ??= [];
      items.push(left);
    }
    return items;
  }
  let rest: { [key: string]: JsonValue } | undefined;
  for (const key in value) {
    const special = SPECIAL.get(key);
    if (special === 'structure') continue;
    const member = (value as JsonObject)[key] ?? null;
    const left =
      special === undefined ? unread(member, stored, depth + 1) : setting(key, member, stored);
    if (left === undefined) continue;
    rest ??= {};
    // Assigning this key would set the prototype.
    if (key === '__proto__') Object.defineProperty(rest, key, { ...OWN, value: left });
    else rest[key] = left;
  }
  return rest;
}

function setting(key: string, value: JsonValue, stored: Stored): JsonValue | undefined {
  if (value === null || (stored.hasOffers && (key === 'tools' || key === 'functions')))
    return undefined;
  if (isList(value)) return value.length > 0 ? value : undefined;
  // The settings of Google's client hold the system prompt.
  if (key === 'config' && isObject(value)) return unread({ ...value, config: null }, stored);
  return value;
}

/** JSON in a text is stored as the value that it holds. */
function unreadText(value: string, stored: Stored, depth: number): JsonValue | undefined {
  if (stored.has(value)) return undefined;
  if (depth > MAX_DEPTH || !OPENABLE.test(value)) return value;
  const opened = openValue(value);
  if (opened === undefined || !(isObject(opened) || isList(opened) || opened !== value))
    return value;
  return unread(opened, stored, depth + 1);
}
