/**
 * Values of OTLP JSON, as proto3 JSON allows them: 64-bit numbers as text or number, lists and objects
 * that may be absent or null; and, as OTLP defines it, ids in hex.
 */
import type { Attributes } from '../../wire/genai/index.ts';
import { LIMITS } from '../../wire/protocol.ts';
import type { JsonValue } from '../../wire/records.ts';
import { cleanText } from '../../wire/text.ts';
import { isObject, type UnknownObject } from '../../wire/values.ts';
import { DecodeError, malformed } from '../http/http-error.ts';
import { emptyAttributes, markCut, markCutList } from './span-collector.ts';

/** A JSON object whose members are unknown. */
export type Members = UnknownObject;

/** Key-value pairs. Pairs without a key are skipped; a later pair of the same key wins. */
export function readAttributes(pairs: unknown): Attributes {
  const attributes = emptyAttributes();
  if (!Array.isArray(pairs)) return attributes;
  const kept = Math.min(pairs.length, LIMITS.maxKeys);
  for (let i = 0; i < kept; i++) {
    const { key, value } = members(pairs[i]);
    if (typeof key === 'string') attributes[cleanText(key)] = readAnyValue(members(value));
  }
  markCut(attributes, pairs.length);
  return attributes;
}

/** Recursive: `decodeJson` has limited the nesting of the body. */
export function readAnyValue(value: Members): JsonValue {
  if (typeof value.stringValue === 'string') return cleanText(value.stringValue);
  if (typeof value.boolValue === 'boolean') return value.boolValue;
  if (value.intValue !== undefined) return int64(value.intValue);
  if (value.doubleValue !== undefined) return double(value.doubleValue);
  if (value.arrayValue !== undefined) return readArray(members(value.arrayValue).values);
  if (value.kvlistValue !== undefined) return readAttributes(members(value.kvlistValue).values);
  return typeof value.bytesValue === 'string' ? cleanText(value.bytesValue) : null;
}

function readArray(values: unknown): JsonValue {
  if (!Array.isArray(values)) return [];
  const kept = values.length > LIMITS.maxItems ? values.slice(0, LIMITS.maxItems) : values;
  const items = kept.map((item) => readAnyValue(members(item)));
  markCutList(items, values.length);
  return items;
}

/** A number if that is exact, else its digits; any other text is kept. */
function int64(value: unknown): JsonValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'string') return null;
  if (!/^-?\d{1,20}$/.test(value)) return cleanText(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Proto3 JSON writes NaN and infinities as text, because JSON has no numbers for them. */
function double(value: unknown): JsonValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'string') return null;
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : cleanText(value);
}

/** Nanoseconds; absent is 0, as in protobuf, and an invalid number is null. */
export function nanos(value: unknown): bigint | null {
  if (value === undefined || value === null || value === '') return 0n;
  if (typeof value === 'string') return /^\d{1,20}$/.test(value) ? BigInt(value) : null;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? BigInt(value) : null;
}

/** An id in lower case; a value that is not text becomes a text that no id check accepts. */
export function hexId(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value.toLowerCase() : 'not text';
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * The objects in a list; null counts as an empty one.
 *
 * @throws DecodeError when it is not a list of objects
 */
export function objects(parent: Members, name: string): readonly Members[] {
  const list = parent[name] ?? [];
  if (!Array.isArray(list)) throw new DecodeError(malformed(`${name} must be a list.`));
  let hasNull = false;
  for (const item of list) {
    if (item === null) hasNull = true;
    else if (!isObject(item)) {
      throw new DecodeError(malformed(`${name} must be a list of objects.`));
    }
  }
  return hasNull ? list.map(members) : list;
}

export function members(value: unknown): Members {
  return isObject(value) ? value : {};
}
