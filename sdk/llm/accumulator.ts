/**
 * Accumulates the items of a stream to the result that the provider returns without streaming;
 * `read-reply.ts` then reads it like any other result. What is kept of an item is copied: the items
 * belong to the program.
 */

import { LIMITS } from '../../wire/protocol.ts';
import { utf8Encoder } from '../platform/utf8.ts';
import { type Fields, hasFields, isInstance, isList, isText } from '../platform/values.ts';
import { createEventDecoder, type StreamDecoder } from './event-decoder.ts';
import { invokedChunk } from './invoke-model.ts';
import { seenReplies } from './read-reply.ts';
import { pieceOf, StreamState } from './stream-pieces.ts';

/** Fields whose texts are concatenated; any other text replaces the previous one. */
const JOINED =
  /^(content|text|arguments|input|partial_json|refusal|thinking|reasoning|reasoning_content|transcript|code|generation|outputText)$/;

/** Limits of the accumulated text, in UTF-16 units, of the items of one list, and of nesting. */
const MAX_UNITS = 2 * LIMITS.maxTextBytes;
const MAX_ITEMS = 4_096;

export interface Accumulator {
  /** The result so far; undefined while no item was a piece of a reply. */
  readonly result: Fields | undefined;
  /** Time of the first text, in milliseconds. */
  firstAt: number | undefined;
  /** Whether another span has recorded the same items. */
  isRecorded: boolean;
  /** Adds an item to the result; false when it is not a piece of a reply. */
  add(item: unknown, at: number): boolean;
}

/**
 * An empty accumulator. In a declared model call, strings are pieces, too, and bytes are read as the
 * server-sent events or JSON lines that they are.
 */
export function createAccumulator(isDeclared: boolean): Accumulator {
  const state = new StreamState();
  let units = 0;
  let decoder: StreamDecoder | undefined;
  let took: (value: unknown) => void;

  const accumulator = {
    get result() {
      return state.result;
    },
    firstAt: undefined as number | undefined,
    isRecorded: false,
    add(item: unknown, at: number): boolean {
      if (isInstance(item, Uint8Array)) {
        if (!isDeclared) return false;
        let isPiece = false;
        took = (value) => {
          if (hasFields(value) && addFields(value, at)) isPiece = true;
        };
        decoder ??= createEventDecoder((value) => took(value));
        decoder.add(item, at);
        return isPiece;
      }
      if (hasFields(item)) {
        if (!addFields(item, at)) return !!state.result;
        if (seenReplies.get(item)) accumulator.isRecorded = true;
        seenReplies.set(item, true);
        return true;
      }
      if (!isDeclared || !isText(item)) return false;
      merge({ content: item }, at);
      return true;
    },
  };

  function addFields(item: Fields, at: number): boolean {
    const invoked = invokedChunk(item);
    const piece = pieceOf(invoked ?? item, state, isDeclared) ?? (invoked && { fields: invoked });
    if (!piece) return false;
    const { fields, replaces } = piece;
    if (replaces === 'result') replace(fields, at);
    else {
      if (replaces === 'item') forgetItem(fields);
      merge(fields, at);
    }
    return true;
  }

  /** A whole result replaces the pieces, except for the output that it does not repeat. */
  function replace(fields: Fields, at: number): void {
    const known = state.result?.output;
    state.result = undefined;
    units = 0;
    merge(fields, at);
    const { output } = state.result as unknown as Fields;
    if (isList(known) && !(isList(output) && output.length > 0)) {
      (state.result as unknown as Fields).output = known;
    }
  }

  /** A whole item of the output replaces its pieces. */
  function forgetItem({ output }: Fields): void {
    const known = state.result?.output;
    const [item] = output as [{ index?: number }];
    if (isList(known) && item.index !== undefined) delete known[item.index];
  }

  function merge(piece: Fields, at: number): void {
    const before = units;
    state.result = merged(state.result, piece, 0);
    if (units > before) accumulator.firstAt ??= at;
  }

  /** `into` is ours, or undefined; `piece` belongs to the program. */
  function merged(into: unknown, piece: Fields, depth: number): Fields {
    // Without a prototype, `__proto__` is an ordinary key.
    const result: Fields = hasFields(into) ? into : Object.create(null);
    if (depth > LIMITS.maxDepth) return result;
    for (const [key, value] of Object.entries(piece)) {
      if (value == null || key === 'index') continue;
      const old = result[key];
      if (isText(value) && JOINED.test(key)) {
        if (units > MAX_UNITS) continue;
        units += value.length;
        result[key] = isText(old) ? old + value : value;
      } else if (isList(value)) {
        const list: unknown[] = isList(old) ? old : [];
        for (const item of value) {
          const at = item?.index ?? list.length;
          if (at < MAX_ITEMS) list[at] = copied(list[at], item, depth + 1);
        }
        result[key] = list;
      } else result[key] = copied(old, value, depth + 1);
    }
    return result;
  }

  function copied(old: unknown, value: unknown, depth: number): unknown {
    if (isInstance(value, Uint8Array) || !hasFields(value)) return value;
    if (!isList(value)) return merged(old, value, depth);
    if (depth > LIMITS.maxDepth) return [];
    return value.slice(0, MAX_ITEMS).map((item) => copied(undefined, item, depth + 1));
  }

  return accumulator;
}

/** The result of a stream whose body was read as one text; undefined for a text that is no stream. */
export function resultOfEvents(body: string): Fields | undefined {
  if (!/^\s*(data|event|id)?:/.test(body.slice(0, 64))) return undefined;
  const accumulator = createAccumulator(true);
  accumulator.add(utf8Encoder().encode(`${body}\n`), 0);
  return accumulator.result;
}
