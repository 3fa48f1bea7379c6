/** JSON bodies, scanned before they are parsed so that a small body cannot allocate much memory. */
import { type HttpError, malformed, tooLarge } from './http-error.ts';

/** Nesting of objects and arrays. Far above real telemetry, far below any stack or memory limit. */
export const MAX_NESTING = 512;
/** Objects and arrays in one body: `[[],[],...` would take twenty times its size in memory. */
export const MAX_CONTAINERS = 1_000_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The value of a JSON text. Bytes that are not UTF-8 decode to U+FFFD. */
export function decodeJson(body: Buffer): { value: unknown } | HttpError {
  const exceeded = findExceededLimit(body);
  if (exceeded) return exceeded;
  try {
    return { value: JSON.parse(body.toString('utf8')) };
  } catch {
    // The message of JSON.parse quotes the text, so it is not passed on.
    return malformed('The body is not valid JSON.');
  }
}

/** Counts brackets outside strings in one pass: no recursion, no allocation. */
function findExceededLimit(body: Buffer): HttpError | null {
  let depth = 0;
  let containers = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) {
      for (at++; at < body.length && body[at] !== QUOTE; at++) {
        if (body[at] === BACKSLASH) at++;
      }
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++;
      containers++;
      if (depth > MAX_NESTING) {
        return malformed(`The body is nested deeper than ${MAX_NESTING} levels.`);
      }
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
    }
  }
  return containers > MAX_CONTAINERS
    ? tooLarge(`A body may hold at most ${MAX_CONTAINERS} JSON objects and arrays.`)
    : null;
}
