/**
 * Captures a value as bounded JSON text at the time of the call: later changes by the caller are not
 * recorded, and errors that reading the value throws do not reach the host program.
 */
import { LIMITS } from '../../wire/protocol.ts';
import { byteLength, cleanText, cutLabel, cutText } from '../../wire/text.ts';
import { writeJson } from '../platform/json.ts';
import { forgetKeys, keysOf, toPlainJson } from './plain-json.ts';

/**
 * The JSON text of any value; null for `undefined`.
 *
 * Plain data is written by `JSON.stringify`. Values that it loses (Map, BigInt, class instances), that
 * it throws on (cycles, throwing getters) or that it is slow at (buffers, values over the limit) are
 * converted by {@link toPlainJson}. A check of the value decides beforehand, because `JSON.stringify`
 * would take the whole time before it fails.
 */
export function snapshot(value: unknown): string | null {
  if (value === undefined) return null;
  try {
    if (isPlain(value)) {
      const json = writeJson(value);
      forgetKeys();
      if (fits(json)) return cleanJson(json);
    }
  } catch {
    // A getter or a proxy threw: toPlainJson guards each read and records where.
  }
  const json = careful(value);
  forgetKeys();
  return json;
}

/** The arguments of a call as JSON text: one as itself, several as a list; null for none. */
export function snapshotArguments(args: readonly unknown[]): string | null {
  if (args.length === 1) return snapshot(args[0]);
  return args.length === 0 ? null : snapshot(args);
}

/** A text as JSON text, cleaned and cut at the limit of a text field. */
export const quoteText = (text: string): string =>
  writeJson(cleanText(cutText(text, LIMITS.maxTextBytes)));

/** A short text (name, model, role, id) as JSON text, cleaned and cut at the limit of a label. */
export const quoteLabel = (text: string): string =>
  text.length <= MAX_PLAIN_LABEL && PLAIN_LABEL.test(text)
    ? `"${text}"`
    : writeJson(cleanText(cutLabel(text, LIMITS.maxLabelLength)));

/** Ids and names without a character that JSON escapes: to test them takes a fraction of writing them. */
const PLAIN_LABEL = /^[\w.:/-]*$/;
const MAX_PLAIN_LABEL = 128;

/** An escape that may be one of NUL or of a surrogate. */
const UNCLEAN = /\\u(?:0000|d[89a-f])/;

/**
 * Replaces the escapes of NUL and of lone surrogates in JSON text by U+FFFD. `JSON.stringify` does
 * not escape surrogate pairs, so an escaped surrogate is a lone one.
 */
export function cleanJson(json: string): string {
  if (!json.includes('\\u') || !UNCLEAN.test(json)) return json;
  return json.replace(/\\(u0000|ud[89a-f][0-9a-f]{2}|.)/g, (whole, code: string) =>
    code.length === 5 ? '\ufffd' : whole,
  );
}

const fits = (json: string): boolean =>
  json.length * 3 <= LIMITS.maxJsonBytes || byteLength(json) <= LIMITS.maxJsonBytes;

function careful(value: unknown): string {
  try {
    // The texts of plain JSON data are clean.
    return writeJson(toPlainJson(value));
  } catch {
    return '"[unreadable]"';
  }
}

let unitsLeft = 0;

/** Whether a value consists of plain data only and is within the limits of size and depth. */
function isPlain(value: unknown): boolean {
  unitsLeft = LIMITS.maxJsonBytes;
  return looksPlain(value, 0);
}

function looksPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      unitsLeft -= value.length;
      return unitsLeft >= 0;
    case 'number':
      unitsLeft -= 4;
      return Number.isFinite(value);
    case 'boolean':
    case 'undefined':
      return true;
    case 'object':
      return value === null || looksPlainObject(value, depth);
    default:
      return false;
  }
}

function looksPlainObject(value: object, depth: number): boolean {
  // The outermost value is at depth 0, as on the server.
  if (depth >= LIMITS.maxDepth || unitsLeft < 0) return false;
  unitsLeft -= 2;
  if (Array.isArray(value)) {
    // A sparse list may have billions of holes.
    if (value.length > unitsLeft) return false;
    // Holes and `undefined` become null, so that every index stays the same.
    for (let i = 0; i < value.length; i++) {
      if (!looksPlain(value[i], depth + 1)) return false;
    }
    unitsLeft -= value.length;
    return unitsLeft >= 0;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key of keysOf(value)) {
    unitsLeft -= key.length + 4;
    if (!looksPlain((value as Record<string, unknown>)[key], depth + 1)) return false;
  }
  return unitsLeft >= 0;
}
