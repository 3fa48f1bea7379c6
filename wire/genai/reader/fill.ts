/** Messages of one source, with what it leaves open filled from a poorer one: part by part. */
import type { JsonValue } from '../../records.ts';
import { CallPart, type Message, type MessagePart, type ToolCall } from '../provider/model.ts';
import { MASK } from '../sources/words.ts';

/** Whether nothing is open in any message, so that a poorer source need not be read. */
export function isWhole(messages: readonly Message[]): boolean {
  return messages.length > 0 && messages.every(isWholeMessage);
}

function isWholeMessage(message: Message): boolean {
  if (isEmpty(message)) return false;
  if (message.role === 'tool' && message.tool_call_id === null) return false;
  return !message.calls.some(isOpenCall);
}

function isEmpty({ content, parts, result }: Message): boolean {
  return content === null && (parts === null || parts.length === 0) && result === null;
}

/** Whether the program hid texts of these messages. */
export function isMasked(messages: readonly Message[]): boolean {
  return messages.some(
    ({ content, parts }) =>
      (content !== null && MASK.test(content)) || parts?.some(isMask) === true,
  );
}

function isMask(part: MessagePart): boolean {
  return !(part instanceof CallPart) && typeof part.text === 'string' && MASK.test(part.text);
}

/**
 * Fills messages from those of a poorer source. Both lists are of the same conversation: a message that
 * one lacks stands between those that both have.
 */
export function fill(high: Message[] | null, low: Message[] | null): Message[] {
  if (high === null || high.length === 0) return low ?? [];
  if (low === null || low.length === 0 || high === low) return high;
  if (high.every(isEmpty) && !low.every(isEmpty) && high.length !== low.length) return low;
  fillById(high, low);
  if (high.length === low.length) {
    high.forEach((message, at) => {
      fillMessage(message, low[at] as Message);
    });
    return high;
  }
  return high.length < low.length && !isMasked(high) ? insertMissing(high, low) : high;
}

/** Calls with the same id are one call, wherever they stand. */
function fillById(high: readonly Message[], low: readonly Message[]): void {
  if (!high.some(({ calls }) => calls.some(isOpenCall))) return;
  const known = new Map<string, ToolCall>();
  for (const { calls } of low)
    for (const call of calls) if (call.id !== null) known.set(call.id, call);
  for (const message of high) {
    if (!message.calls.some(isOpenCall)) continue;
    setCalls(
      message,
      message.calls.map((call) => (call.id === null ? call : filledCall(call, known.get(call.id)))),
    );
  }
}

/** Arguments in a text are there, whatever they are. */
const isOpenCall = (call: ToolCall): boolean =>
  call.id === null || call.name === null || (call.text === undefined && call.arguments === null);

function filledCall(call: ToolCall, other: ToolCall | undefined): ToolCall {
  if (other === undefined) return call;
  const { text } = call.text === undefined && call.arguments === null ? other : call;
  return {
    id: call.id ?? other.id,
    name: call.name ?? other.name,
    arguments: call.arguments ?? other.arguments,
    ...(text === undefined ? {} : { text }),
    ...(call.run === undefined ? {} : { run: call.run }),
  };
}

/** Replaces the calls of a message, which its parts show. */
function setCalls(message: Message, calls: ToolCall[]): void {
  const before = message.calls;
  message.calls = calls;
  if (message.parts === null) return;
  message.parts = message.parts.map((part) => {
    const call = part instanceof CallPart ? calls[before.indexOf(part.call)] : undefined;
    return call === undefined ? part : new CallPart(call);
  });
}

function fillMessage(message: Message, other: Message): void {
  if (message.role !== null && other.role !== null && message.role !== other.role) return;
  message.role ??= other.role;
  message.name ??= other.name;
  message.finish_reason ??= other.finish_reason;
  message.tool_call_id ??= other.tool_call_id;
  if (message.result !== null) message.result.id ??= other.tool_call_id;
  if (isEmpty(message)) {
    message.content = other.content;
    message.parts = other.parts;
    message.calls = other.calls;
    message.result = other.result;
  } else if (message.role !== 'tool' && !isMasked([message])) fillParts(message, other);
}

/** Adds kinds of parts that a message lacks; a text beside a text is the same in other words. */
function fillParts(message: Message, other: Message): void {
  if (message.calls.length === other.calls.length && message.calls.some(isOpenCall)) {
    setCalls(
      message,
      message.calls.map((call, at) => filledCall(call, other.calls[at])),
    );
  }
  const theirs = other.parts;
  if (theirs === null && (message.content !== null || other.content === null)) return;
  const mine = partsOf(message);
  const kinds = new Set(mine.map(({ type }) => type));
  const added = partsOf(other).filter(
    ({ type }) => !kinds.has(type ?? null) && FILLED.has(type ?? null),
  );
  if (added.length === 0) return;
  const before = added.filter(
    ({ type }) => type === 'reasoning' || (type === 'text' && message.calls.length > 0),
  );
  const after = added.filter((part) => !before.includes(part));
  message.parts = [...before, ...mine, ...after];
  message.content ??= added.some(({ type }) => type === 'text') ? other.content : null;
  if (message.calls.length === 0) message.calls = other.calls;
}

/** The kinds of parts that one source may have and another lack. */
const FILLED: ReadonlySet<JsonValue> = /* @__PURE__ */ new Set(['text', 'reasoning', 'tool_call']);

function partsOf({ parts, content }: Message): MessagePart[] {
  return parts ?? (content === null ? [] : [{ type: 'text', text: content }]);
}

/** The poorer list, if it has all messages of the better one in order, and more. */
function insertMissing(high: Message[], low: Message[]): Message[] {
  const merged: Message[] = [];
  let at = 0;
  for (const message of low) {
    const next = high[at];
    if (next !== undefined && isSame(next, message)) {
      fillMessage(next, message);
      merged.push(next);
      at += 1;
    } else merged.push(message);
  }
  return at === high.length ? merged : high;
}

function isSame(a: Message, b: Message): boolean {
  if (a.role !== null && b.role !== null && a.role !== b.role) return false;
  if (a.role === 'tool' && a.tool_call_id !== null && b.tool_call_id !== null)
    return a.tool_call_id === b.tool_call_id;
  if (a.content !== null && b.content !== null) return a.content === b.content;
  return a.calls.length === b.calls.length || isEmpty(a) || isEmpty(b);
}

/** What an assistant said in several messages without a text in between is one turn. */
export function joinTurns(
  messages: readonly Message[],
  merge: (turns: Message[][]) => Message[],
): Message[] {
  const turns: Message[][] = [];
  for (const message of messages) {
    const before = turns.at(-1);
    const last = before?.at(-1);
    if (
      before !== undefined &&
      message.role === 'assistant' &&
      last?.role === 'assistant' &&
      last.content === null
    )
      before.push(message);
    else turns.push([message]);
  }
  return turns.length === messages.length ? [...messages] : merge(turns);
}
