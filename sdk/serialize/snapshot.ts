/**
 * A value as bounded JSON text, taken now: what the caller changes later must not show, and nothing
 * that a value does when it is read may reach the host program.
 */
import { LIMITS } from '../../wire/protocol.ts';
import { byteLength, cutLabel, cutText } from '../../wire/text.ts';
import { walk } from './plain-json.ts';

/**
 * JSON text of a value of any kind; null when there is nothing to record.
 *
 * Plain data goes through `JSON.stringify`. What that would lose (Map, BigInt, class instances),
 * choke on (cycles, getters that throw) or be slow at (buffers, values over the limit) goes through
 * the careful walker. A look over the value decides, because finding out from `JSON.stringify`
 * itself would mean to have waited for it.
 */
export function snapshot(value: unknown): string | null {
  if (value === undefined) return null;
  try {
    if (isPlain(value)) {
      const json = JSON.stringify(value);
      if (fits(json)) return cleanJson(json);
    }
  } catch {
    // A getter or a proxy threw: the walker guards each step and says where.
  }
  return careful(value);
}

/** The arguments of a call: one argument as itself, several as a list, none as nothing. */
export function snapshotArguments(args: readonly unknown[]): string | null {
  if (args.length === 1) return snapshot(args[0]);
  return args.length === 0 ? null : snapshot(args);
}

/** A text as JSON text, cleaned and cut at the limit of a text field. */
export const quoteText = (text: string): string =>
  cleanJson(JSON.stringify(cutText(text, LIMITS.maxTextBytes)));

/** A short text (name, model, role, id) as JSON text, cleaned and cut at the limit of a label. */
export const quoteLabel = (text: string): string =>
  cleanJson(JSON.stringify(cutLabel(text, LIMITS.maxLabelLength)));

/**
 * Replaces the escapes of NUL and of lone surrogates inside JSON text. `JSON.stringify` writes whole
 * surrogate pairs as they are, so a surrogate that is escaped is a lone one.
 */
export function cleanJson(json: string): string {
  if (!json.includes('\\u')) return json;
  return json.replace(/\\(u0000|ud[89a-f][0-9a-f]{2}|.)/g, (whole, code: string) =>
    code.length === 5 ? '\ufffd' : whole,
  );
}

const fits = (json: string): boolean =>
  json.length * 3 <= LIMITS.maxJsonBytes || byteLength(json) <= LIMITS.maxJsonBytes;

function careful(value: unknown): string {
  try {
    return cleanJson(JSON.stringify(walk(value)));
  } catch {
    return '"[unreadable]"';
  }
}

let unitsLeft = 0;

/** Whether a value is data through and through, small enough and shallow enough. */
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
    // A list of holes costs nothing to make and years to read.
    if (value.length > unitsLeft) return false;
    // Holes and `undefined` become null, which keeps every place in its place.
    for (let i = 0; i < value.length; i++) {
      if (!looksPlain(value[i], depth + 1)) return false;
    }
    unitsLeft -= value.length;
    return unitsLeft >= 0;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    unitsLeft -= key.length + 4;
    if (!looksPlain((value as Record<string, unknown>)[key], depth + 1)) return false;
  }
  return unitsLeft >= 0;
}
