/**
 * A fast test whether a text may hold a secret, before the patterns run. It may have false positives but
 * no false negatives.
 *
 * It skips instead of reading each character: rare characters are searched for, and the text around
 * them is looked at, such as the name before a colon. A key is a run of at least eighteen word
 * characters, so every eighteenth byte is looked at; a card number is a run of thirteen digits. Runs are
 * searched in bytes, because reading a character of a string is slower.
 */
import { redactPersonal } from './personal.ts';
import { DEFAULT_MASKING, holdsKey, type Masking } from './redact-text.ts';
import { isSecretName, isSigningName, isTokenName } from './secret-names.ts';

const PIECE_UNITS = 16_384;
/** Pieces overlap, so that no secret is split at a boundary. */
const OVERLAP_UNITS = 768;

const MIN_RUN = 18;
const MIN_DIGITS = 13;
const MAX_URL_UNITS = 520;
const MAX_KEY_BYTES = 220;

/** The first three characters of the kinds of key, and of a JSON Web Token. */
const BEGINNINGS = /* @__PURE__ */ new Set(
  'agn agp sk- xai ppl gsk hf_ api r8_ csk fw_ pa- pcs tvl nva lsv jin bt- sk_ AIz dap AKI ASI ABI ACC ABS bed IQo GOC LTA dop doo dor HRK fo1 fm1 fm2 cfu cfa cfk vcp vci vck vca vcr nfp nfc nfo nfu nfb rnd gho ghp ghr ghs ghu git glp glr gld glc glf gls gla glo gli GR1 ATB ATA ATC ATO npm pyp rub cio CLO oy2 dck AKC cmV pul API pnu psc PMA sgp ops A3- AGE sbp sb_ snt NRA NRJ NRR ntn sec fig lin rdm CFP rk_ whs EAA sq0 shp EZA EZT shi duf xap xox key xke re_ eyJ phx phs'
    .split(' ')
    .map((text) => tripleOf(text.charCodeAt(0), text.charCodeAt(1), text.charCodeAt(2))),
);

function tripleOf(first = 0, second = 0, third = 0): number {
  return (first << 16) | (second << 8) | third;
}

/** Words that always match. Each begins with a rare character, which is searched for first. */
const WORDS = ['Q~', 'QQJ9', 'PRIVATE KEY', 'Private-Lines', 'word ', 'WORD ', '\\u00'];
/** The same without their common first letter `B`. */
const WORDS_IN_B = ['EGIN ', 'earer ', 'EARER ', 'asic ', 'ASIC ', "Y '"];

const bytes = /* @__PURE__ */ new Uint8Array(PIECE_UNITS * 3 + 8);
/** How many of the bytes hold text. */
let filled = 0;
// Undefined where the global object is not that of the runtime, as in Jest with jsdom.
const encoder = globalThis.TextEncoder ? new TextEncoder() : undefined;
/** One character for each byte. */
const decoder = globalThis.TextDecoder ? new TextDecoder('latin1') : undefined;

/** Whether a text may hold something that the masking takes out. */
export function mayHoldSecret(text: string, masking: Masking = DEFAULT_MASKING): boolean {
  const { secrets, personal } = masking;
  if (secrets && (hasField(text) || hasAssignment(text) || hasWord(text) || hasOption(text))) {
    return true;
  }
  // Without a filter, each text is searched.
  if (!encoder || !decoder) return true;
  const hasCards = personal.includes('card');
  const hasIbans = personal.includes('iban');
  const isWord = (start: number, end: number): boolean =>
    (secrets && isKey(start, end)) || (hasIbans && isAccount(start, end));
  const isNumber = (start: number, end: number): boolean => {
    if (!isUpper(bytes[start - 1]) && !(hasCards && mayBeCard(start, end))) return false;
    const found = around(start);
    return redactPersonal(found, personal) !== found;
  };
  for (let from = 0; from < text.length; from += PIECE_UNITS - OVERLAP_UNITS) {
    const isWhole = from === 0 && text.length <= PIECE_UNITS;
    const piece = isWhole ? text : text.slice(from, from + PIECE_UNITS);
    const { written } = encoder.encodeInto(piece, bytes);
    filled = written;
    // Clears the bytes that an earlier text left behind this one.
    bytes.fill(0, written, written + 8);
    if ((secrets || hasIbans) && findRun(written, IN_KEY, MIN_RUN, isWord)) return true;
    if ((hasCards || hasIbans) && findRun(written, IN_CARD, MIN_DIGITS, isNumber)) return true;
  }
  // The default has none of these.
  const others = personal.filter((kind) => kind !== 'card' && kind !== 'iban');
  return others.length > 0 && redactPersonal(text, others) !== text;
}

const IN_KEY = 1;
const IN_CARD = 2;
/** May stand between the name of a field and its colon: a quote, escaped or not, or a space. */
const BEFORE_COLON = 4;
const IN_NAME = 8;

/** The character classes of each byte. */
const CLASSES = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, code) => {
  const character = code < 128 ? String.fromCharCode(code) : '';
  return (
    (/[\w-]/.test(character) ? IN_KEY | IN_NAME : 0) |
    (/[\d .-]/.test(character) ? IN_CARD : 0) |
    (/[\s"'\\]/.test(character) ? BEFORE_COLON : 0) |
    (character === '.' ? IN_NAME : 0)
  );
});

const isIn = (at: number, charClass: number): boolean =>
  ((CLASSES[bytes[at] as number] as number) & charClass) !== 0;

/** The text between two bytes; other characters than those of ASCII do not matter. */
const textAt = (start: number, end: number): string =>
  decoder?.decode(bytes.subarray(Math.max(0, start), end)) ?? '';

/** The text around a run, as far as a key or an account number reaches. */
const around = (start: number): string =>
  textAt(start - 40, Math.min(filled, start + MAX_KEY_BYTES));

/** Calls `isMatch` for each run of at least `least` bytes of a class, until it returns true. */
function findRun(
  length: number,
  charClass: number,
  least: number,
  isMatch: (start: number, end: number) => boolean,
): boolean {
  let start = 0;
  while (start + least <= length) {
    let at = start + least - 1;
    while (at >= start && isIn(at, charClass)) at -= 1;
    if (at >= start) {
      start = at + 1;
      continue;
    }
    let end = start + least;
    while (end < length && isIn(end, charClass)) end += 1;
    if (isMatch(start, end)) return true;
    start = end + 1;
  }
  return false;
}

/** Whether a run is or belongs to a key. */
function isKey(start: number, end: number): boolean {
  const before = bytes[start - 1];
  // `bearer ` or `basic `
  if (before === 0x20 && (bytes[start - 2] === 0x72 || bytes[start - 2] === 0x63)) return true;
  // An escape such as `\n` or `%3D` may precede the key.
  const first = start + (before === 0x5c ? 1 : before === 0x25 ? 2 : 0);
  const isCandidate =
    isBeginning(start) ||
    (first !== start && isBeginning(first)) ||
    // Behind `SG.`, `hvs.`, `sha256~` or `//0`; `digits:AA`.
    before === 0x2e ||
    before === 0x7e ||
    (before === 0x2f && bytes[start - 2] === 0x2f) ||
    (before === 0x3a && bytes[start] === 0x41 && bytes[start + 1] === 0x41) ||
    // `SK`, or a part of three parts, or `-us1`.
    (bytes[first] === 0x53 && bytes[first + 1] === 0x4b) ||
    (bytes[end] === 0x2e && bytes[end + 7] === 0x2e) ||
    (bytes[first + 32] === 0x2d && bytes[first + 33] === 0x75);
  return isCandidate && holdsKey(around(start));
}

const isUpper = (byte = 0): boolean => byte >= 0x41 && byte <= 0x5a;

/** Whether a number in a run begins like one of a card, and has as many digits. */
function mayBeCard(start: number, end: number): boolean {
  let digits = 0;
  let begins = false;
  let isAfterDigit = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    const isDigit = byte >= 0x30 && byte <= 0x39;
    if (isDigit) digits += 1;
    if (!isAfterDigit && byte >= 0x32 && byte <= 0x36 && isEdge(at)) begins = true;
    isAfterDigit = isDigit;
  }
  return begins && digits >= MIN_DIGITS;
}

/** Whether a number may begin here: behind no letter, unless it is part of an escape. */
const isEdge = (at: number): boolean =>
  !(isIn(at - 1, IN_NAME) || bytes[at - 1] === 0x2b) ||
  bytes[at - 2] === 0x5c ||
  bytes[at - 3] === 0x25;

const IBAN_WORD = /^(?:[nrt]|[\dA-F]{2})?[A-Z]{2}\d\d[A-Z\d]{11,30}$/;

/** Whether two capital letters and two digits begin at a run, or behind an escape. */
const isAccount = (start: number, end: number): boolean =>
  (isUpper(bytes[start]) || isUpper(bytes[start + 1]) || isUpper(bytes[start + 2])) &&
  IBAN_WORD.test(textAt(start, Math.min(end, start + 40)));

const isBeginning = (at: number): boolean =>
  BEGINNINGS.has(tripleOf(bytes[at], bytes[at + 1], bytes[at + 2]));

function hasWord(text: string): boolean {
  for (const word of WORDS) if (text.includes(word)) return true;
  for (let at = text.indexOf('B'); at >= 0; at = text.indexOf('B', at + 1)) {
    for (const rest of WORDS_IN_B) if (text.startsWith(rest, at + 1)) return true;
  }
  return false;
}

/** Whether a colon follows the name of a secret, or precedes a password in a URL. */
function hasField(text: string): boolean {
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    const next = text.charCodeAt(at + 1);
    if ((next === 0x2f || next === 0x5c) && isAddressAfter(text, at)) return true;
    if (isSecretBefore(text, at, false)) return true;
  }
  return false;
}

/** Whether an equals sign follows the name of a secret. */
function hasAssignment(text: string): boolean {
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
    if (isSecretBefore(text, at, true)) return true;
  }
  return false;
}

/** Whether a character of a text belongs to a class. */
const isOf = (text: string, at: number, charClass: number): boolean =>
  ((CLASSES[text.charCodeAt(at)] ?? 0) & charClass) !== 0;

function isSecretBefore(text: string, separator: number, isQuery: boolean): boolean {
  let end = separator;
  while (end > 0 && isOf(text, end - 1, BEFORE_COLON)) end -= 1;
  if (!isEndOfName(text, end)) return false;
  let start = end;
  while (start > 0 && end - start <= 64 && isOf(text, start - 1, IN_NAME)) start -= 1;
  return (
    isName(text.slice(start, end), isQuery) ||
    // After an escape such as `\n`.
    (text.charCodeAt(start - 1) === 0x5c && isName(text.slice(start + 1, end), isQuery))
  );
}

const isName = (name: string, isQuery: boolean): boolean =>
  isSecretName(name) ||
  isTokenName(name) ||
  (isQuery && isSigningName(name)) ||
  /(?:cookie2?|authorization|jdbc)$/i.test(name);

/** Whether the name of a secret may end at `end`, by its last three letters. */
function isEndOfName(text: string, end: number): boolean {
  if (end < 3) return false;
  // Bit 5 converts a letter to lower case.
  const last = text.charCodeAt(end - 1) | 32;
  const second = text.charCodeAt(end - 2) | 32;
  const third = text.charCodeAt(end - 3) | 32;
  switch ((third << 16) | (second << 8) | last) {
    case 0x6f7264: // password
    case 0x737764: // passwd
    case 0x707764: // pwd
    case 0x726574: // secret
    case 0x6b6579: // key
    case 0x6b6965: // cookie
    case 0x696532: // cookie2
    case 0x6b656e: // token
    case 0x757468: // auth
    case 0x6a7774: // jwt
    case 0x69616c: // credential
    case 0x616c73: // credentials
    case 0x617373: // pass
    case 0x736964: // sid
    case 0x736967: // sig
    case 0x6f6465: // code
    case 0x6b6574: // ticket
    case 0x757265: // signature
    case 0x646263: // jdbc
      return true;
    case 0x617365: // passphrase
      return (text.charCodeAt(end - 5) | 32) === 0x68;
    case 0x696f6e: // authorization
      return (text.charCodeAt(end - 6) | 32) === 0x7a;
    default:
      return false;
  }
}

/** Whether `//user:password@`, or the address of a webhook, follows the colon. */
function isAddressAfter(text: string, colon: number): boolean {
  let at = colon + 1;
  // The slashes may be escaped.
  while (text.charCodeAt(at) === 0x5c) at += 1;
  if (text.charCodeAt(at) !== 0x2f) return false;
  at += 1;
  while (text.charCodeAt(at) === 0x5c) at += 1;
  if (text.charCodeAt(at) !== 0x2f) return false;
  at += 1;
  const host = text.slice(at, at + 80);
  if (/^(?:hooks\.slack|(?:\w+\.)?discord|[\w-]+\.webhook\.)/.test(host)) return true;
  let isAfterColon = false;
  for (const end = Math.min(text.length, colon + MAX_URL_UNITS); at < end; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x40) return isAfterColon;
    if (unit === 0x3a) isAfterColon = true;
    // A space, a quote, or the end of the host ends what may be a user name.
    else if (unit <= 0x22 || (unit === 0x2f && !isAfterColon)) return false;
  }
  return false;
}

/** Whether a command has an option for a password. */
function hasOption(text: string): boolean {
  for (let at = text.indexOf('-'); at >= 0; at = text.indexOf('-', at + 1)) {
    switch (text.charCodeAt(at + 1)) {
      case 0x2d: {
        // --
        const option = text.slice(at, at + 60);
        if (/^--[\w-]{0,40}(?:user|password|passwd|token|secret|api-?key)[ =]/.test(option)) {
          return true;
        }
        // The rest of a line of dashes.
        while (text.charCodeAt(at + 1) === 0x2d) at += 1;
        break;
      }
      case 0x70: // -p
        if (/sshpass|mysql/.test(text.slice(Math.max(0, at - 120), at))) return true;
        break;
      case 0x75: // -u
      case 0x55: // -U
        if (text.slice(Math.max(0, at - 220), at).includes('curl')) return true;
        break;
    }
  }
  return false;
}
