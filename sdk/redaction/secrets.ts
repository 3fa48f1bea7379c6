/**
 * The patterns of secrets in text, and the marks that replace them.
 *
 * All patterns run in linear time on any text: each begins at a fixed word or at a boundary that its
 * own repetition cannot contain, and all other repetitions are bounded.
 */

import { hash53 } from '../platform/hash.ts';
import { attempt } from '../platform/values.ts';

/** The text that replaces a secret. */
export const mark = (what: string): string => `[redacted: ${what}]`;

/** API keys, recognised by the prefix of their provider. */
const API_KEY =
  '(?:agn|gh[oprsu]|github_pat|hf|gsk|npm|r8|sbp|sb_secret|dop_v1|shp(?:at|ss)|lin_api|whsec|lsv2_[a-z]{1,8}|[rs]k_(?:live|test))_(?=\\w*\\d)\\w{16,}' +
  '|(?:sk|xai|pplx|glpat|xapp|xox[abeoprs])-(?=[\\w-]*\\d)[\\w-]{16,}' +
  '|A(?:KIA|SIA)[A-Z2-7]{16}|AIza[\\w-]{35}|GOCSPX-[\\w-]{20,}';

/** A word boundary; an escape of a nested text or of a URL may precede the word, too. */
const EDGE = '(?:(?<![\\w-])|(?<=\\\\[nrt]|%[0-9A-Fa-f]{2}))';

type Replace = (whole: string, ...groups: string[]) => string;

/** Each pattern with its replacement. */
const PATTERNS: readonly [pattern: RegExp, replace: string | Replace][] = [
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY[^-]{0,20}-----[^-]*(?:-----END [A-Z ]{0,60}-----)?/g,
    mark('private key'),
  ],
  [new RegExp(`${EDGE}(?:${API_KEY})`, 'g'), mark('api key')],
  // The header of a JSON Web Token is JSON, so it begins with `{"` in base64.
  [new RegExp(`${EDGE}eyJ[\\w-]{12,}(?:\\.[\\w-]+)+`, 'g'), mark('jwt')],
  [
    new RegExp(`${EDGE}([Bb]earer|BEARER|[Bb]asic|BASIC)( {1,4})([\\w.~+/-]{8,}=*)`, 'g'),
    (whole, scheme = '', space, value = '') =>
      isCredential(scheme, value) ? `${scheme}${space}${mark('credentials')}` : whole,
  ],
  [/(:\/\/[^\s/:@"'<>]{0,256}:)[^\s/@"'<>]{1,256}@/g, `$1${mark('password')}@`],
  [
    // A field in a text that holds JSON or source code, escaped or not.
    /(\\{0,8}["'])([\w.-]{1,64})\1(\s{0,4}[:=]\s{0,4}\\{0,8}["'])((?:[^"'\\]|\\[^"'])+)/g,
    (whole, quote, key = '', between, value = '') =>
      isSecretKey(key) && !value.startsWith('[redacted')
        ? `${quote}${key}${quote}${between}${mark('secret')}`
        : whole,
  ],
  [
    // A header, a query parameter, or a line of an environment file.
    /\b([\w.-]{0,48}(?:word|passwd|pwd|secret|key|authorization|cookie|token))( {0,4}[:=] {0,4}\\{0,8}["']?)([^\s&;,"'<>()[\]{}\\]{8,})/gi,
    (whole, key = '', between, value = '') =>
      isSecretKey(key) && /\d/.test(value) ? `${key}${between}${mark('secret')}` : whole,
  ],
];

function isCredential(scheme: string, value: string): boolean {
  if (/^bearer$/i.test(scheme)) return /\d/.test(value) || value.length >= 24;
  return !!attempt(() => atob(value).includes(':'));
}

const SECRET_KEY =
  /(?:password|passwd|pwd|secret|(?:api|secret|private|access|account|master|signing|encryption|role)key|authorization|cookie|(?:access|refresh|id|auth|api|bearer|session|client|security|csrf|xsrf|bot|personal)token)$/;

/** Whether the key names a secret, such as `apiKey` or `DB_PASSWORD`. */
export const isSecretKey = (key: string): boolean =>
  key.length <= 64 && SECRET_KEY.test(key.replace(/[^A-Za-z0-9]/g, '').toLowerCase());

const CARD =
  /(?:(?<![\w.-])|(?<=\\[nrt]|%[0-9A-Fa-f]{2}))[2-6]\d{3}(?:[ -]?\d){9,15}(?![\w-]|\.\d)/g;

const hideCard = (found: string): string =>
  isCard(found.replace(/\D/g, '')) ? mark('card number') : found;

/** Whether digits are a payment card number: issuer prefix, length and Luhn check digit. */
export function isCard(digits: string): boolean {
  const isIssued =
    /^(?:4(?:\d{12}|\d{15}|\d{18})|5[0-8]\d{14}|2[2-7]\d{14}|6\d{15,18}|35\d{14}|3[47]\d{13}|3[068]\d{12})$/.test(
      digits,
    );
  if (!isIssued) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0;
}

/** Whether the text contains a card number. */
export const hasCardNumber = (text: string): boolean => text.replace(CARD, hideCard) !== text;

/** The text with each secret replaced by a mark that names its kind. */
export const redactText = (text: string): string => redactWords(text).replace(CARD, hideCard);

/**
 * Replaces an id that holds a secret by a hash of it, so that records with the same id stay joined.
 * An id of digits is not taken for a card number.
 */
export const redactId = (id: string): string =>
  redactWords(id) === id ? id : `redacted-${hash53(id)}`;

/** Like {@link redactText}, but keeps card numbers: for texts whose digits mean something else. */
export function redactWords(text: string): string {
  let result = text;
  for (const [pattern, replace] of PATTERNS) result = result.replace(pattern, replace as Replace);
  return result;
}
