/** One message of any provider, as one or more rows. */

import { isList, parseJsonText, text, textOf } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { CallPart, type Message, type MessagePart, messageOf, type ToolResult } from './model.ts';
import {
  addCall,
  addContent,
  addMedia,
  addReasoning,
  addText,
  type Content,
  emptyContent,
  isPartType,
} from './parts.ts';
import { isFailed, readCall } from './tool-calls.ts';

const ROLES = new Map([
  ['system', 'system'],
  ['tool', 'tool'],
  ['human', 'user'],
  ['ai', 'assistant'],
  ['model', 'assistant'],
  ['AIMessageChunk', 'assistant'],
  ['function', 'tool'],
  ['HumanMessage', 'user'],
  ['AIMessage', 'assistant'],
  ['SystemMessage', 'system'],
  ['ToolMessage', 'tool'],
  ['FunctionMessage', 'tool'],
]);

/** Most tool calls that are read from one message. */
export const MAX_CALLS = 4_000;

/**
 * Reads one message. Each tool result becomes a message of its own, because each answers another call;
 * Anthropic and Vercel send several in one message.
 */
export function readMessage(value: JsonValue, fallbackRole: string | null = null): Message[] {
  if (isTextMessage(value)) {
    const { role, content } = value;
    return [messageOf(ROLES.get(role) ?? role, text(content))];
  }
  if (!isObject(value)) {
    const content = emptyContent();
    addContent(content, value);
    return messagesOf(fallbackRole, content);
  }
  const message = unwrapLangChain(value);
  const role = roleOf(message) ?? fallbackRole;
  const content = readContent(message, role);
  const rows = messagesOf(role, content);
  const last = rows.at(-1);
  if (last !== undefined) {
    last.name = text(message.name) ?? last.name;
    last.finish_reason = finishOf(message);
  }
  return rows;
}

/** Most messages of most requests: nothing but a role and a text. */
function isTextMessage(value: JsonValue): value is { role: string; content: string } {
  if (!isObject(value) || value.role === 'tool' || value.role === 'function') return false;
  for (const key in value) if (key !== 'role' && key !== 'content') return false;
  return typeof value.role === 'string' && typeof value.content === 'string';
}

/** Whether an object has the shape of a message. */
export function isMessage(value: JsonValue | undefined): boolean {
  if (!isObject(value)) return false;
  if (typeof value.role === 'string' || isLangChain(value)) return true;
  return typeof value.type === 'string' && ROLES.has(value.type) && value.content !== undefined;
}

/** The rows of one message, from its parts. */
export function messagesOf(role: string | null, content: Content): Message[] {
  const { texts, parts, calls, results } = content;
  const rows = results.length > 0 ? results.map(resultMessage) : [];
  if (rows.length > 0 && parts.length === 0) return rows;
  // The pieces of a model's answer are one text; the parts of a user's message are paragraphs.
  const joined =
    texts.length === 1 ? (texts[0] ?? '') : texts.join(role === 'assistant' ? '' : '\n');
  const message = messageOf(role, text(joined));
  if (parts.some((part) => plainText(part) === null)) message.parts = parts;
  message.calls = calls;
  rows.push(message);
  return rows;
}

/**
 * Merges messages that are one turn: their texts and calls in order. A result among them (of a tool
 * that the provider ran itself) is a part of the turn.
 */
export function mergeMessages(pieces: readonly (Message | undefined)[]): Message | null {
  if (pieces.length === 1) return pieces[0] ?? null;
  const messages = pieces.filter((piece) => piece !== undefined);
  const [first] = messages;
  if (first === undefined || messages.length === 1) return first ?? null;
  const own = messages.filter(({ result }) => result === null);
  const texts = own.map(({ content }) => content ?? '').join('');
  const onlyText = own.length === messages.length && own.every(({ parts }) => parts === null);
  return {
    ...(own[0] ?? first),
    content: texts === '' ? null : texts,
    parts: onlyText ? null : messages.flatMap(partsOf),
    calls: messages.flatMap(({ calls }) => calls),
    finish_reason: messages.findLast((message) => message.finish_reason)?.finish_reason ?? null,
  };
}

/** {@link mergeMessages} for each turn: merging message by message would take quadratic time. */
export function mergeTurns(turns: readonly (readonly Message[])[]): Message[] {
  return turns.flatMap((turn) => mergeMessages(turn) ?? []);
}

/** The text of a part that is nothing but a text, without sources; null for any other part. */
export function plainText(part: MessagePart): string | null {
  if (part instanceof CallPart || part.type !== 'text' || typeof part.text !== 'string')
    return null;
  for (const key in part) if (key !== 'type' && key !== 'text') return null;
  return part.text;
}

function partsOf({ parts, content, result }: Message): MessagePart[] {
  if (result !== null) return [{ type: 'tool_result', id: result.id, output: result.output }];
  return parts ?? (content === null ? [] : [{ type: 'text', text: content }]);
}

function resultMessage(result: ToolResult): Message {
  const { id, name, output, failed } = result;
  return {
    ...messageOf('tool', textOf(output)),
    parts: failed ? [{ type: 'tool_result', id, output, is_error: true }] : null,
    name,
    tool_call_id: id,
    result,
  };
}

function readContent(message: JsonObject, role: string | null): Content {
  const content = emptyContent();
  if (typeof message.role !== 'string' && isPartType(message.type)) {
    addContent(content, message);
    return content;
  }
  const extra = isObject(message.additional_kwargs) ? message.additional_kwargs : {};
  addReasoning(content, reasoningBeside(message, extra));
  const said = message.parts ?? contentOf(message.content) ?? message.contents;
  // OpenAI has the sources of a text beside it.
  if (typeof said === 'string') addText(content, said, message);
  else addContent(content, said);
  // What a stream of Mistral has beside its text.
  if (isList(message.more_parts)) addContent(content, message.more_parts);
  addText(content, message.refusal);
  if (isObject(message.audio)) addSpeech(content, message.audio);
  if (isList(message.images))
    for (const data of message.images) addMedia(content, { kind: 'image', data });
  for (const list of [message.tool_calls, message.toolCalls, extra.tool_calls]) {
    const calls = parseJsonText(list);
    if (!isList(calls) || calls.length === 0) continue;
    for (const call of calls.slice(0, MAX_CALLS))
      if (isObject(call)) addCall(content, readCall(call));
    if (calls.length > MAX_CALLS) {
      addText(content, `…[cut: ${MAX_CALLS} of ${calls.length} calls]`);
    }
    break;
  }
  if (isObject(message.function_call)) addCall(content, readCall(message.function_call));
  const id = text(message.tool_call_id) ?? text(message.toolCallId);
  if (role === 'tool' && content.results.length === 0) toResult(content, id, message);
  return content;
}

/**
 * DeepSeek, vLLM: `reasoning_content`; OpenRouter, Groq: `reasoning`, `reasoning_details`; Ollama:
 * `thinking`; Cohere: `tool_plan`; Vercel: `reasoningText`.
 */
function reasoningBeside(message: JsonObject, extra: JsonObject): string | null {
  return (
    text(message.reasoning_content) ??
    text(message.reasoning) ??
    text(extra.reasoning_content) ??
    text(message.thinking) ??
    text(message.tool_plan) ??
    text(message.reasoningText) ??
    reasoningInDetails(message.reasoning_details)
  );
}

/** OpenAI: `{id, data, transcript}`; the sum of a stream has the number of bytes in place of the data. */
function addSpeech(into: Content, audio: JsonObject): void {
  addText(into, audio.transcript);
  const data = text(audio.data) ?? (audio.byteLength === undefined ? undefined : audio);
  if (data !== undefined) addMedia(into, { kind: 'audio', data });
}

/** OpenRouter: `[{type: 'reasoning.text', text}]` or `[{type: 'reasoning.summary', summary}]`. */
function reasoningInDetails(details: JsonValue | undefined): string | null {
  if (!isList(details)) return null;
  const texts = details.filter(isObject).map((part) => text(part.text) ?? text(part.summary) ?? '');
  return text(texts.join(''));
}

/** Google's instrumentation writes Gemini's content, `{role, parts}`, where others write a text. */
function contentOf(content: JsonValue | undefined): JsonValue | undefined {
  return isObject(content) && isList(content.parts) ? content.parts : content;
}

/** Turns a message of role tool into a result. */
function toResult(content: Content, id: string | null, message: JsonObject): void {
  const joined = content.texts.join('\n');
  if (joined === '' && id === null) return;
  content.results.push({
    id,
    name: text(message.name) ?? text(message.tool_name),
    output: joined,
    failed: isFailed(message),
  });
  content.parts = content.parts.filter((part) => part.type !== 'text');
  content.texts = [];
}

function roleOf(message: JsonObject): string | null {
  const sent = text(message.role) ?? text(message.type);
  if (sent === null) return null;
  if (typeof message.role !== 'string') {
    // Items of the Responses API, which have a type instead of a role.
    if (/_call_(output|result)$/.test(sent)) return 'tool';
    if (/_call$|^reasoning$/.test(sent)) return 'assistant';
    if (sent === 'message' || isPartType(sent)) return null;
  }
  return ROLES.get(sent) ?? sent;
}

function finishOf(message: JsonObject): string | null {
  const metadata = isObject(message.response_metadata) ? message.response_metadata : {};
  return (
    text(message.finish_reason) ??
    text(message.finishReason) ??
    text(metadata.finish_reason) ??
    text(metadata.stop_reason)
  );
}

function isLangChain(value: JsonObject): boolean {
  return value.lc !== undefined && isObject(value.kwargs);
}

/** `{lc, type: 'constructor', id: [..., 'HumanMessage'], kwargs}`, or `{type: 'human', data}`. */
function unwrapLangChain(value: JsonObject): JsonObject {
  if (isLangChain(value) && isObject(value.kwargs)) {
    const path = isList(value.id) ? value.id : [];
    const name = text(path.at(-1)) ?? 'unknown';
    return { role: name, ...value.kwargs };
  }
  if (typeof value.type === 'string' && ROLES.has(value.type) && isObject(value.data)) {
    return { role: value.type, ...value.data };
  }
  return value;
}
