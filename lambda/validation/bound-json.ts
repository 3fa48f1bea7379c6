/** Bounds any JSON value so that Postgres accepts it: clean text, limited nesting, limited size. */
import { LIMITS } from '../../wire/protocol.ts';
import type { JsonValue } from '../../wire/records.ts';
import { byteLength, cleanText, cutText } from '../../wire/text.ts';

/** When a value is too large, its texts are first cut to this size, which keeps its structure. */
export const LONG_TEXT_BYTES = 16_384;
/** How much is kept, as JSON text, of a value that is still too large after that. */
export const KEPT_BYTES = 65_536;

/** The key of a note on what was cut. */
export const CUT_KEY = 'agensight.cut';

/** The note is an additional key, also in an object that a decoder has cut already. */
const MOST_KEYS = LIMITS.maxKeys + 1;

/** Replaces a value that was nested too deeply. */
export const DEPTH_MARK = `…[cut: nested deeper than ${LIMITS.maxDepth} levels]`;

/** JSON text has at most this many bytes for each UTF-16 unit (`\u001f`). */
const MAX_BYTES_PER_UNIT = 6;
const UNITS_OF_NUMBER = 4;
const UNITS_OF_WORD = 1;
const UNITS_OF_PUNCTUATION = 1;

/** The value itself if it is within the bounds, else a copy with a mark where it was cut. */
export function boundJson(value: unknown): JsonValue {
  const size = { units: 0 };
  const tidied = tidy(value, 1, size);
  return size.units * MAX_BYTES_PER_UNIT <= LIMITS.maxJsonBytes ? tidied : bounded(tidied);
}

function tidy(value: unknown, depth: number, size: { units: number }): JsonValue {
  switch (typeof value) {
    case 'string':
      size.units += value.length + UNITS_OF_PUNCTUATION;
      return cleanText(value);
    case 'number':
      size.units += UNITS_OF_NUMBER;
      // `1e999` parses as Infinity, which JSON cannot hold.
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      size.units += UNITS_OF_WORD;
      return value;
    case 'object':
      break;
    default:
      return null;
  }
  size.units += UNITS_OF_PUNCTUATION;
  if (value === null) return null;
  if (depth > LIMITS.maxDepth) {
    size.units += DEPTH_MARK.length;
    return DEPTH_MARK;
  }
  return Array.isArray(value)
    ? tidyList(value, depth, size)
    : tidyObject(value as { [key: string]: unknown }, depth, size);
}

function tidyList(list: readonly unknown[], depth: number, size: { units: number }): JsonValue {
  let copy: JsonValue[] | null = null;
  for (let i = 0; i < list.length; i++) {
    const tidied = tidy(list[i], depth + 1, size);
    if (tidied !== list[i]) copy ??= list.slice() as JsonValue[];
    if (copy) copy[i] = tidied;
  }
  return copy ?? (list as JsonValue[]);
}

function tidyObject(
  object: { readonly [key: string]: unknown },
  depth: number,
  size: { units: number },
): JsonValue {
  const keys = Object.keys(object);
  if (keys.length > MOST_KEYS) return tidyObject(withFewKeys(object, keys), depth, size);
  let copy: { [key: string]: JsonValue } | null = null;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    size.units += key.length + UNITS_OF_PUNCTUATION;
    const cleanKey = cleanText(key);
    const tidied = tidy(object[key], depth + 1, size);
    if (copy === null && (cleanKey !== key || tidied !== object[key])) {
      copy = copyOf(object, keys, i);
    }
    if (copy) copy[cleanKey] = tidied;
  }
  return copy ?? (object as JsonValue);
}

/** An object of a million keys takes seconds to copy and to write. */
export function withFewKeys<T extends { readonly [key: string]: unknown }>(
  object: T,
  keys: readonly string[] = Object.keys(object),
): T | { [key: string]: JsonValue } {
  if (keys.length <= MOST_KEYS) return object;
  const copy = copyOf(object, keys, LIMITS.maxKeys);
  copy[CUT_KEY] = `…[cut: ${LIMITS.maxKeys} of ${keys.length} keys]`;
  return copy;
}

/** The members before `end`, in an object without a prototype: `__proto__` may be one of them. */
function copyOf(
  object: { readonly [key: string]: unknown },
  keys: readonly string[],
  end: number,
): { [key: string]: JsonValue } {
  const copy: { [key: string]: JsonValue } = Object.create(null);
  for (let i = 0; i < end; i++) {
    const key = keys[i] as string;
    copy[key] = object[key] as JsonValue;
  }
  return copy;
}

/** Measures exactly, and cuts a value that is too large. */
function bounded(value: JsonValue): JsonValue {
  const bytes = jsonBytes(value);
  if (bytes <= LIMITS.maxJsonBytes) return value;
  const shortened = withShortTexts(value);
  if (jsonBytes(shortened) <= LIMITS.maxJsonBytes) return shortened;
  return { [CUT_KEY]: { bytes, kept: cutText(JSON.stringify(value), KEPT_BYTES) } };
}

function jsonBytes(value: JsonValue): number {
  return byteLength(JSON.stringify(value));
}

function withShortTexts(value: JsonValue): JsonValue {
  if (typeof value === 'string') return cutText(value, LONG_TEXT_BYTES);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withShortTexts);
  const copy: { [key: string]: JsonValue } = Object.create(null);
  for (const [key, member] of Object.entries(value)) copy[key] = withShortTexts(member);
  return copy;
}
