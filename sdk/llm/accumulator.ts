/**
 * Accumulates the items of a stream to the result that the provider returns without streaming;
 * `read-reply.ts` then reads it like any other result.
 */
import { LIMITS } from '../../wire/protocol.ts';
import { type Fields, fieldOf, hasFields, isList, isText } from '../platform/values.ts';
import { seenReplies } from './read-reply.ts';

/** Fields whose texts are concatenated; any other text replaces the previous one. */
const JOINED =
  /^(content|text|arguments|partial_json|refusal|thinking|reasoning|reasoning_content)$/;

/** Limits of the accumulated text, in UTF-16 units, and of the items of one list. */
const MAX_UNITS = 2 * LIMITS.maxTextBytes;
const MAX_ITEMS = 4_096;

export interface Accumulator {
  /** The result so far; undefined while no item was a piece of a reply. */
  result: Fields | undefined;
  /** Time of the first text, in milliseconds. */
  firstAt: number | undefined;
  /** Whether another span has recorded the same items. */
  isRecorded: boolean;
  /** Adds an item to the result; false when it is not a piece of a reply. */
  add(item: unknown, at: number): boolean;
}

/** An empty accumulator. In a declared model call, strings are pieces, too. */
export function createAccumulator(isDeclared: boolean): Accumulator {
  let units = 0;
  const accumulator: Accumulator = {
    result: undefined,
    firstAt: undefined,
    isRecorded: false,
    add(item, at) {
      let piece: Fields | undefined;
      if (hasFields(item)) {
        piece = pieceOf(item);
        if (!piece) return !!accumulator.result;
        if (seenReplies.has(item)) accumulator.isRecorded = true;
        seenReplies.add(item);
      } else if (isDeclared && isText(item)) piece = { content: item };
      if (!piece) return false;
      const before = units;
      accumulator.result = merge(accumulator.result, piece);
      if (units > before) accumulator.firstAt ??= at;
      return true;
    },
  };

  /** The fields that an item adds to the result, in the shape of the result. */
  const pieceOf = (item: Fields): Fields | undefined => {
    const { type, choices, delta, index } = item;
    // OpenAI chat: {choices: [{index, delta}]}; the last item has usage and no choices.
    if (isList(choices)) return choices[0]?.message ? undefined : item;
    // Gemini: {candidates: [{content: {parts}}], usageMetadata}
    if (isList(item.candidates)) return { ...item, candidates: candidatesOf(item) };
    // Anthropic
    if (type === 'message_start') return item.message as Fields;
    if (type === 'message_delta') return { ...(delta as Fields), usage: item.usage };
    const block = item.content_block;
    if (block) return { content: [{ ...(block as Fields), index }] };
    if (type === 'content_block_delta') {
      return { content: [{ ...(delta as Fields), type: undefined, index }] };
    }
    if (!isText(type) || !type.startsWith('response.')) return undefined;
    // OpenAI responses: each event with the whole response replaces the one before.
    const { response, item: whole, output_index } = item;
    if (hasFields(response)) {
      const output = (response.output as unknown[] | undefined)?.length
        ? undefined
        : accumulator.result?.output;
      accumulator.result = { ...response, output: output ?? response.output };
      return {};
    }
    if (whole) {
      const known = accumulator.result?.output as unknown[] | undefined;
      if (known) delete known[output_index as number];
      return { output: [{ ...(whole as Fields), index: output_index }] };
    }
    if (!isText(delta)) return {};
    const isOutput = type.endsWith('output_text.delta');
    const text = [{ type: 'output_text', text: delta, index: item.content_index }];
    const piece = isOutput ? { content: text } : /arguments/.test(type) ? { arguments: delta } : {};
    return { output: [{ ...piece, index: output_index }] };
  };

  /** Gemini's parts have no index: a text continues the previous text of the same kind. */
  const candidatesOf = ({ candidates }: Fields): unknown[] =>
    (candidates as Fields[]).map((candidate, at) => {
      const index = (candidate.index as number | undefined) ?? at;
      const content = candidate.content as { parts?: Fields[] } | undefined;
      const known = fieldOf(
        (accumulator.result?.candidates as unknown[] | undefined)?.[index],
        'content',
      );
      let [last, end] = lastOf((fieldOf(known, 'parts') ?? []) as Fields[]);
      const parts = content?.parts?.map((part) => {
        const continues =
          isText(part.text) && isText(last?.text) && !part.thought === !last.thought;
        if (!continues) end += 1;
        last = part;
        return { ...part, index: end };
      });
      return { ...candidate, index, content: content && { ...content, parts } };
    });

  const merge = (into: unknown, piece: Fields): Fields => {
    // Without a prototype, `__proto__` is an ordinary key.
    const result: Fields = hasFields(into) ? into : Object.create(null);
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
          if (at < MAX_ITEMS) list[at] = hasFields(item) ? merge(list[at], item) : item;
        }
        result[key] = list;
      } else {
        result[key] = hasFields(value) ? merge(old, value) : value;
      }
    }
    return result;
  };

  return accumulator;
}

const lastOf = (list: readonly Fields[]): [Fields | undefined, number] => [
  list.at(-1),
  list.length - 1,
];
