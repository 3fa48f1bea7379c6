/** JSON bodies. Looked over before they are parsed, so that a small body cannot take much memory. */
import { malformed, type Refusal, tooLarge } from './refusal.ts';

/** Brackets inside brackets. Far above real telemetry, far below any stack or memory trouble. */
export const MAX_NESTING = 512;
/** Objects and lists in one body: `[[],[],...` would take twenty times its size in memory. */
export const MAX_CONTAINERS = 1_000_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The value of a JSON text; bytes that are not UTF-8 read as U+FFFD. */
export function decodeJson(body: Buffer): { value: unknown } | Refusal {
  const tooMuch = lookOver(body);
  if (tooMuch) return tooMuch;
  try {
    return { value: JSON.parse(body.toString('utf8')) };
  } catch {
    // The parser's message quotes the text, so it goes no further.
    return malformed('The body is not JSON.');
  }
}

/** One pass over the bytes that counts brackets outside strings: no recursion, no memory. */
function lookOver(body: Buffer): Refusal | null {
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
    ? tooLarge(`A body may hold ${MAX_CONTAINERS} JSON objects and lists.`)
    : null;
}
