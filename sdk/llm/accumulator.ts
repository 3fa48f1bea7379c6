/**
 * The answer of a model that comes in pieces, put together to the result that the provider would have
 * given at once; `shape-*.ts` then reads it like any other.
 */
import { LIMITS } from '../../wire/protocol.ts';
import { type Fields, fieldOf, isList, isObject, isText } from '../platform/values.ts';
import { seenReplies } from './seen-replies.ts';

/** Text that comes in pieces; any other text comes whole and once. */
const JOINED =
  /^(content|text|arguments|partial_json|refusal|thinking|reasoning|reasoning_content)$/;

/** Units of text that are kept, and entries of one list. */
const MAX_UNITS = 2 * LIMITS.maxTextBytes;
const MAX_ITEMS = 4_096;

export interface Accumulator {
  /** The result so far; undefined while nothing looked like the answer of a model. */
  result: Fields | undefined;
  /** When the first of its text came, by the given clock. */
  firstAt: number | undefined;
  /** Another span has read the same pieces. */
  isTold: boolean;
  /** Whether the item is a piece of an answer; it is then part of the result. */
  take(item: unknown, at: number): boolean;
}

/** Of a declared LLM call, bare texts are pieces too. */
export function createAccumulator(isDeclared: boolean): Accumulator {
  let units = 0;
  const accumulator: Accumulator = {
    result: undefined,
    firstAt: undefined,
    isTold: false,
    take(item, at) {
      let piece: Fields | undefined;
      if (isObject(item)) {
        piece = pieceOf(item);
        if (!piece) return !!accumulator.result;
        if (seenReplies.has(item)) accumulator.isTold = true;
        seenReplies.add(item);
      } else if (isDeclared && isText(item)) piece = { content: item };
      if (!piece) return false;
      const before = units;
      accumulator.result = merge(accumulator.result, piece);
      if (units > before) accumulator.firstAt ??= at;
      return true;
    },
  };

  /** What an item adds to the result, in the form of the result. */
  const pieceOf = (item: Fields): Fields | undefined => {
    const { type, choices, delta, index } = item;
    // OpenAI chat: {choices: [{index, delta}]}; the last one has usage and no choices.
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
    // OpenAI responses: each event of the whole response says more than the one before.
    const { response, item: whole, output_index } = item;
    if (isObject(response)) {
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

  /** Gemini's parts have no index: text goes on with the text before it, of the same kind. */
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
        const goesOn = isText(part.text) && isText(last?.text) && !part.thought === !last.thought;
        if (!goesOn) end += 1;
        last = part;
        return { ...part, index: end };
      });
      return { ...candidate, index, content: content && { ...content, parts } };
    });

  const merge = (into: unknown, piece: Fields): Fields => {
    // Without a prototype, `__proto__` is a name like any other.
    const result: Fields = isObject(into) ? into : Object.create(null);
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
          if (at < MAX_ITEMS) list[at] = isObject(item) ? merge(list[at], item) : item;
        }
        result[key] = list;
      } else {
        result[key] = isObject(value) ? merge(old, value) : value;
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
