/**
 * JSON text inside attributes and fields: parsed, cleaned, and limited to the depth that may be stored.
 * The texts of a span are clean before, so only what JSON escapes bring back is cleaned.
 */
import { LIMITS } from './protocol.ts';
import type { JsonValue } from './records.ts';
import { cleanText } from './text.ts';
import { isObject } from './values.ts';

/** Leaves levels for what a stored value is wrapped in (a list of parts, an object of fields). */
const MAX_OPENED_DEPTH = LIMITS.maxDepth - 4;

/**
 * Most members and items in a text that is parsed: more take seconds to parse, copy and convert, and a
 * stored value of that size is cut in any case.
 */
export const MAX_NODES = 300_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACE = 0x7b;
const BRACKET = 0x5b;

/** Counts commas, braces and brackets outside strings, each of which may precede a node. */
function hasTooManyNodes(text: string): boolean {
  let nodes = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if ((unit === COMMA || unit === BRACE || unit === BRACKET) && ++nodes > MAX_NODES) {
      return true;
    }
  }
  return false;
}

/** The position of the closing quote of a string: the first that no backslash escapes. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 1) return end;
  }
  return text.length;
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** How JSON begins. What Python prints has other quotes, and an exception costs more than reading it. */
const BEGINNING = /^[\s[]*(?:["\-\dtfn\]]|\{\s*["}])/;

/** The value of a JSON text that holds an object, a list or a text; undefined for any other. */
export function parseJson(text: string): JsonValue | undefined {
  const first = text.charCodeAt(0) > 32 ? text[0] : text.trimStart()[0];
  if (first !== '{' && first !== '[' && first !== '"') return undefined;
  if (!BEGINNING.test(text)) return undefined;
  if (text.length > 2 * MAX_NODES && hasTooManyNodes(text)) return undefined;
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  // NUL and lone surrogates, cleaned from every text, come back from `\u0000` and `\ud83d`.
  return isTidy(value, 0, text.includes('\\u')) ? value : tidy(value, 0);
}

/**
 * Parses JSON text, repeatedly for JSON inside JSON. Any other value is returned unchanged.
 *
 * @example
 * parseJsonText('{"a":1}'); // { a: 1 }
 * parseJsonText('hello'); // 'hello'
 */
export function parseJsonText(value: JsonValue | undefined): JsonValue | undefined {
  let opened = value;
  for (let level = 0; typeof opened === 'string' && level < LIMITS.maxDepth; level++) {
    const inner = parseJson(opened);
    if (inner === undefined) return opened;
    opened = inner;
  }
  return opened;
}

/** {@link parseJsonText}, with null for undefined. */
export function parseJsonTextOrNull(value: JsonValue | undefined): JsonValue {
  return parseJsonText(value) ?? null;
}

/** The text of a value: a text itself, null for null, else its JSON. */
export function textOf(value: JsonValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A non-empty text, else null. */
export function text(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** JSON with sorted keys, so that equal values have equal texts. */
export function canonical(value: JsonValue): string {
  if (isList(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`);
  return `{${fields.join()}}`;
}

function isTidy(value: JsonValue, depth: number, checkTexts: boolean): boolean {
  if (typeof value === 'string') return !checkTexts || cleanText(value) === value;
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_OPENED_DEPTH) return false;
  if (isList(value)) {
    for (const item of value) if (!isTidy(item, depth + 1, checkTexts)) return false;
    return true;
  }
  for (const key in value) {
    if (checkTexts && cleanText(key) !== key) return false;
    if (!isTidy(value[key] ?? null, depth + 1, checkTexts)) return false;
  }
  return true;
}

function tidy(value: JsonValue, depth: number): JsonValue {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_OPENED_DEPTH) return '…[cut: nested too deeply]';
  if (isList(value)) return value.map((item) => tidy(item, depth + 1));
  // Object.fromEntries defines members, so that `__proto__` stays an ordinary key.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [cleanText(key), tidy(item, depth + 1)]),
  );
}
