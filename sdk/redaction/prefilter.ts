/**
 * A fast test whether a text may hold a secret, before the patterns of `secrets.ts` run. It may have
 * false positives but no false negatives.
 *
 * It skips instead of reading each character: a key is a run of at least twenty word characters, so
 * it covers every twentieth byte; a card number is a run of thirteen digits; a field has a colon.
 * Runs are searched in bytes, because reading a character of a string is slower.
 */
import { hasCardNumber, isSecretKey } from './secrets.ts';

const PIECE_UNITS = 16_384;
/** Pieces overlap, so that no secret is split at a boundary. */
const OVERLAP_UNITS = 512;

const MIN_RUN = 20;
const MIN_DIGITS = 13;
const MAX_URL_UNITS = 400;
const MAX_KEY_UNITS = 80;

/** Words that always match, without their common first letter `B`. */
const WORDS = ['EGIN ', 'eare', 'EARER', 'asic ', 'ASIC '];

/** The first two characters of each kind of API key, and of a JSON Web Token. */
const BEGINNINGS = new Set(
  'ag gh gi hf gs np r8 sb do sh ls li wh sk rk xa pp gl xo AK AS AI GO ey'
    .split(' ')
    .map((pair) => pairOf(pair.charCodeAt(0), pair.charCodeAt(1))),
);

const bytes = new Uint8Array(PIECE_UNITS * 3 + 8);
const encoder = new TextEncoder();

export function mayHoldSecret(text: string): boolean {
  if (hasWord(text) || hasAssignment(text) || hasField(text)) return true;
  for (let from = 0; from < text.length; from += PIECE_UNITS - OVERLAP_UNITS) {
    const isWhole = from === 0 && text.length <= PIECE_UNITS;
    const piece = isWhole ? text : text.slice(from, from + PIECE_UNITS);
    const { written } = encoder.encodeInto(piece, bytes);
    // Clears the bytes that an earlier text left behind this one.
    bytes.fill(0, written, written + 8);
    if (hasKey(written) || hasCard(written)) return true;
  }
  return false;
}

function hasWord(text: string): boolean {
  for (let at = text.indexOf('B'); at >= 0; at = text.indexOf('B', at + 1)) {
    for (const rest of WORDS) if (text.startsWith(rest, at + 1)) return true;
  }
  return false;
}

const IN_KEY = 1;
const IN_CARD = 2;
/** May stand between the name of a field and its colon: a quote, escaped or not, or a space. */
const BEFORE_COLON = 4;
const IN_NAME = 8;

/** The character classes of each byte. */
const CLASSES = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = code < 128 ? String.fromCharCode(code) : '';
  return (
    (/[\w-]/.test(character) ? IN_KEY | IN_NAME : 0) |
    (/[\d -]/.test(character) ? IN_CARD : 0) |
    (/[\s"'\\]/.test(character) ? BEFORE_COLON : 0) |
    (character === '.' ? IN_NAME : 0)
  );
});

/** Calls `isMatch` for each run of at least `least` bytes of a class, until it returns true. */
function findRun(
  length: number,
  charClass: number,
  least: number,
  isMatch: (start: number, end: number) => boolean,
): boolean {
  const isInClass = (at: number): boolean =>
    ((CLASSES[bytes[at] as number] as number) & charClass) !== 0;
  let start = 0;
  while (start + least <= length) {
    let at = start + least - 1;
    while (at >= start && isInClass(at)) at -= 1;
    if (at >= start) {
      start = at + 1;
      continue;
    }
    let end = start + least;
    while (end < length && isInClass(end)) end += 1;
    if (isMatch(start, end)) return true;
    start = end + 1;
  }
  return false;
}

const hasKey = (length: number): boolean => findRun(length, IN_KEY, MIN_RUN, isKey);

/** Whether a run begins like an API key, also directly after an escape such as `\n` or `%3D`. */
function isKey(start: number): boolean {
  const before = bytes[start - 1];
  // `bearer ` or `basic `
  if (before === 32 && /[rc]/i.test(String.fromCharCode(bytes[start - 2] ?? 0))) return true;
  const skipped = before === 92 ? 1 : before === 37 ? 2 : 0;
  const first = start + skipped;
  return (
    BEGINNINGS.has(pairOf(bytes[start], bytes[start + 1])) ||
    BEGINNINGS.has(pairOf(bytes[first], bytes[first + 1]))
  );
}

function pairOf(first = 0, second = 0): number {
  return first * 256 + second;
}

const hasCard = (length: number): boolean => findRun(length, IN_CARD, MIN_DIGITS, isCardRun);

function isCardRun(start: number, end: number): boolean {
  // Includes the characters on both sides, which may show that it is another kind of number.
  const around = bytes.subarray(
    Math.max(0, start - 3),
    Math.min(end + 2, start + 4 * MAX_KEY_UNITS),
  );
  return hasCardNumber(String.fromCharCode(...around));
}

/** Whether a character of a text belongs to a class. */
const isOf = (text: string, at: number, charClass: number): boolean =>
  ((CLASSES[text.charCodeAt(at)] ?? 0) & charClass) !== 0;

/** Whether a colon follows the name of a secret, or precedes a password in a URL. */
function hasField(text: string): boolean {
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    if (isSecretBefore(text, at) || isPasswordAfter(text, at)) return true;
  }
  return false;
}

function isSecretBefore(text: string, colon: number): boolean {
  let end = colon;
  while (end > 0 && isOf(text, end - 1, BEFORE_COLON)) end -= 1;
  if (!isEndOfSecretName(text, end)) return false;
  let start = end;
  while (start > 0 && end - start <= 64 && isOf(text, start - 1, IN_NAME)) start -= 1;
  return isSecretKey(text.slice(start, end));
}

/** Whether `passw(or)d`, `pwd`, `secret`, `key`, `cookie`, `token` or `authorization` may end at `end`. */
function isEndOfSecretName(text: string, end: number): boolean {
  if (end < 3) return false;
  // Bit 5 converts a letter to lower case.
  const last = text.charCodeAt(end - 1) | 32;
  const second = text.charCodeAt(end - 2) | 32;
  const third = text.charCodeAt(end - 3) | 32;
  switch ((third << 16) | (second << 8) | last) {
    case 0x6f7264: // ord
    case 0x737764: // swd
    case 0x707764: // pwd
    case 0x726574: // ret
    case 0x6b6579: // key
    case 0x6b6965: // kie
    case 0x6b656e: // ken
      return true;
    case 0x696f6e: // ion
      return (text.charCodeAt(end - 6) | 32) === 0x7a;
    default:
      return false;
  }
}

/** Whether `//user:password@` follows the colon. */
function isPasswordAfter(text: string, colon: number): boolean {
  if (text.charCodeAt(colon + 1) !== 47 || text.charCodeAt(colon + 2) !== 47) return false;
  let isAfterColon = false;
  const end = Math.min(text.length, colon + MAX_URL_UNITS);
  for (let at = colon + 3; at < end; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 64) return isAfterColon;
    if (unit === 58) isAfterColon = true;
    // A space, a quote or a slash ends the authority of the URL.
    else if (unit <= 34 || unit === 47) return false;
  }
  return false;
}

/** Whether an equals sign follows the name of a secret. */
function hasAssignment(text: string): boolean {
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
    const name = /([\w.-]{1,64})[\s"'\\]*$/.exec(text.slice(Math.max(0, at - MAX_KEY_UNITS), at));
    if (name && isSecretKey(name[1] as string)) return true;
  }
  return false;
}
