/**
 * Whether a text may hold a secret, in a fraction of the time that the patterns of `secrets.ts` take.
 * It is allowed to be wrong in one way only: to suspect a text that holds none.
 *
 * It jumps rather than reads. A key is a run of at least twenty letters, so every twentieth byte will
 * be one of it; a card has thirteen digits in a row; a field has its colon.
 */
import { hasCardNumber, isSecretKey } from './secrets.ts';

const PIECE_UNITS = 16_384;
/** Pieces overlap, so that no sign of a secret is cut in two. */
const OVERLAP_UNITS = 512;

const MIN_RUN = 20;
const MIN_DIGITS = 13;
const MAX_URL_BYTES = 400;
const MAX_KEY_BYTES = 80;

/** Words that are reason enough, wherever they stand. */
const WORDS = ['BEGIN ', 'Beare', 'BEARER', 'Basic ', 'BASIC '];

/** The first two letters of each kind of key, and of a JSON Web Token. */
const BEGINNINGS = new Set(
  'ag gh gi hf gs np r8 sb do sh ls li wh sk rk xa pp gl xo AK AS AI GO ey'
    .split(' ')
    .map((pair) => pairOf(pair.charCodeAt(0), pair.charCodeAt(1))),
);

const BYTES = PIECE_UNITS * 3 + 8;
const bytes = new Uint8Array(BYTES);
const fours = new Int32Array(bytes.buffer);
const encoder = new TextEncoder();

export function isSuspicious(text: string): boolean {
  if (WORDS.some((word) => text.includes(word)) || hasAssignment(text)) return true;
  for (let from = 0; from < text.length; from += PIECE_UNITS - OVERLAP_UNITS) {
    const end = from + PIECE_UNITS;
    const { written } = encoder.encodeInto(
      end < text.length + from ? text.slice(from, end) : text,
      bytes,
    );
    bytes.fill(0, written, written + 8);
    if (hasKey(written) || hasCard(written) || hasField(written)) return true;
  }
  return false;
}

const IN_KEY = 1;
const IN_CARD = 2;
/** Between the name of a field and its colon: a quote, escaped or not, or a space. */
const BEFORE_COLON = 4;
const IN_NAME = 8;

/** What a byte may be part of. */
const KINDS = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = code < 128 ? String.fromCharCode(code) : '';
  return (
    (/[\w-]/.test(character) ? IN_KEY | IN_NAME : 0) |
    (/[\d -]/.test(character) ? IN_CARD : 0) |
    (/[\s"'\\]/.test(character) ? BEFORE_COLON : 0) |
    (character === '.' ? IN_NAME : 0)
  );
});

const isOf = (at: number, kind: number): boolean =>
  ((KINDS[bytes[at] as number] as number) & kind) !== 0;

/** Calls back for each run of at least so many bytes of a kind, until it answers true. */
function findRun(
  length: number,
  kind: number,
  least: number,
  isIt: (start: number, end: number) => boolean,
): boolean {
  let start = 0;
  while (start + least <= length) {
    let at = start + least - 1;
    while (at >= start && isOf(at, kind)) at -= 1;
    if (at >= start) {
      start = at + 1;
      continue;
    }
    let end = start + least;
    while (end < length && isOf(end, kind)) end += 1;
    if (isIt(start, end)) return true;
    start = end + 1;
  }
  return false;
}

const hasKey = (length: number): boolean => findRun(length, IN_KEY, MIN_RUN, isKey);

/** Whether a run begins as a key does, also right behind an escape such as `\n` or `%3D`. */
function isKey(start: number): boolean {
  const before = bytes[start - 1];
  // `bearer ` and `basic `.
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
  // With what stands on either side, which may tell that it is another number.
  const run = textBetween(Math.max(0, start - 3), Math.min(end + 2, start + 4 * MAX_KEY_BYTES));
  return hasCardNumber(run);
}

/** Whether the name of a secret stands before a colon, or a password behind one in a URL. */
function hasField(length: number): boolean {
  const end = (length + 3) >> 2;
  for (let i = 0; i < end; i++) {
    // A byte of this is zero where there is a colon; the rest finds zero bytes, four at a time.
    const four = (fours[i] as number) ^ 0x3a3a3a3a;
    if (((four - 0x01010101) & ~four & -0x7f7f7f80) === 0) continue;
    for (let at = i * 4; at < i * 4 + 4; at++) {
      if (bytes[at] === 58 && (isSecretBefore(at) || isPasswordBehind(at))) return true;
    }
  }
  return false;
}

function isSecretBefore(colon: number): boolean {
  let end = colon;
  while (end > 0 && isOf(end - 1, BEFORE_COLON)) end -= 1;
  if (!isEndOfSecretName(end)) return false;
  let start = end;
  while (start > 0 && end - start <= 64 && isOf(start - 1, IN_NAME)) start -= 1;
  return isSecretKey(textBetween(start, end));
}

/** Whether `passw(or)d`, `pwd`, `secret`, `key`, `cookie`, `token` or `authorization` may end here. */
function isEndOfSecretName(end: number): boolean {
  if (end < 3) return false;
  // Bit 5 makes a letter small.
  const last = (bytes[end - 1] as number) | 32;
  const second = (bytes[end - 2] as number) | 32;
  const third = (bytes[end - 3] as number) | 32;
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
      return ((bytes[end - 6] ?? 0) | 32) === 0x7a;
    default:
      return false;
  }
}

/** Whether `//user:password@` follows. */
function isPasswordBehind(colon: number): boolean {
  if (bytes[colon + 1] !== 47 || bytes[colon + 2] !== 47) return false;
  let isAfterColon = false;
  for (let at = colon + 3; at < colon + MAX_URL_BYTES; at++) {
    const byte = bytes[at] as number;
    if (byte === 64) return isAfterColon;
    if (byte === 58) isAfterColon = true;
    // A space, a quote, a slash: the end of the host.
    else if (byte <= 34 || byte === 47) return false;
  }
  return false;
}

const textBetween = (start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end));

/** The same names before an equals sign, which is too rare to look for among the bytes. */
function hasAssignment(text: string): boolean {
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
    const name = /([\w.-]{1,64})[\s"'\\]*$/.exec(text.slice(Math.max(0, at - MAX_KEY_BYTES), at));
    if (name && isSecretKey(name[1] as string)) return true;
  }
  return false;
}
