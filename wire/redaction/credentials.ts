/**
 * Credentials that are recognised by where they stand: headers, addresses and commands.
 *
 * Each pattern begins at a fixed word and its repetitions are bounded or end at a character that they
 * cannot contain, so that it runs in linear time on any text.
 */
import { mark } from './marks.ts';
import { isPlaceholder, isRandom } from './randomness.ts';

type Replace = (whole: string, ...groups: string[]) => string;

/** A quote, escaped as in JSON inside JSON, or none. */
const QUOTE = '\\\\{0,8}["\']?';
const PARAMETER = '[\\w*-]{1,40} ?= ?(?:\\\\{0,8}"[^"\\n]{0,2048}"|[^\\s,"\'\\\\]{1,2048})';

/** Each pattern with its replacement. */
const PATTERNS: readonly (readonly [pattern: RegExp, replace: string | Replace])[] = [
  [
    new RegExp(
      `(authorization${QUOTE}\\s{0,4}[:=]\\s{0,4}${QUOTE}(?:[A-Za-z][\\w-]{1,30} {1,4})?)(?:(${PARAMETER}(?: ?, ?${PARAMETER}){0,24})|([\\w.~+/:=|!@$%&*^-]{6,})(?![\\w.~+/:=|!@$%&*^-]| {1,4}\\[redacted))`,
      'gi',
    ),
    (whole, before = '', parameters, value = '') =>
      parameters || isCredential(value) ? before + mark('credentials') : whole,
  ],
  [
    new RegExp(
      `(cookie2?${QUOTE}\\s{0,4}[:=]\\s{0,4}${QUOTE})[^\\s=;:"'\\\\<[]{1,128}=(?:=?\\\\{0,8}"[^"\\n]{0,4096}"|[^\\n\\r"'\\\\])+`,
      'gi',
    ),
    (_, before) => before + mark('cookies'),
  ],
  [
    /\b(Bearer|BEARER|Basic|BASIC|b(?:earer|asic)(?= {1,4}[\w-]{18}))( {1,4})([\w.~+/-]{8,}=*)/g,
    (whole, scheme = '', space, value = '') =>
      (/^b(?:earer)$/i.test(scheme) ? isCredential(value) : isPair(value))
        ? `${scheme}${space}${mark('credentials')}`
        : whole,
  ],
  [
    /\b([a-z][\w+.-]{0,20})?(:(?:\\?\/){2}[^\s/:@"'<>\\]{0,80}:)([^\s"'<>]{1,200}@)/gi,
    (whole, scheme = '', before = '', rest = '') => {
      // In the web's addresses a slash ends the host; elsewhere passwords with slashes are accepted.
      const isWeb = /^(?:https?|wss?|ftps?|git|ssh)$/i.test(scheme);
      const authority = isWeb ? (/^[^/?#\\]*/.exec(rest)?.[0] ?? '') : rest;
      const end = authority.lastIndexOf('@');
      const password = authority.slice(0, end);
      const isPort = /^\d{1,5}(?:[/?#\\]|$)/.test(password) && password.search(/[/?#]/) > 0;
      if (end < 1 || isPort || isPlaceholder(password)) return whole;
      return scheme + before + mark('password') + rest.slice(end);
    },
  ],
  [/(jdbc:oracle:\w{1,8}:[^\s/"'@]{1,64}\/)[^\s@"']{1,128}@/g, `$1${mark('password')}@`],
  [
    /(:(?:\\?\/){2}(?:hooks\.slack\.com\\?\/(?:services|workflows|triggers)|(?:\w+\.)?discord(?:app)?\.com\\?\/api\\?\/webhooks\\?\/\d{5,25}|[\w-]{1,63}\.webhook\.office\.com\\?\/webhookb2)\\?\/)[\w/@\\-]{16,}/g,
    `$1${mark('webhook')}`,
  ],
  [
    /(\bcurl\b[^\n]{0,200}?\s(?:-[uU]|--(?:proxy-)?user)[ =]{0,2}\\{0,8}["']?[^\s:"'$\\]{1,64}:)([^\s"'\\]{3,})/g,
    (whole, before, value = '') => (isPlaceholder(value) ? whole : before + mark('password')),
  ],
  [
    /(\b(?:sshpass|mysql(?:dump|admin|import|show)?\b[^\n|;]{0,100}?)\s{1,4}-p ?\\{0,8}["']?)([^\s"'\\-][^\s"'\\]{3,})/g,
    (whole, before = '', value = '') =>
      isPlaceholder(value) || (/^mysql/.test(before) && before.endsWith(' '))
        ? whole
        : before + mark('password'),
  ],
  [
    /(--[\w-]{0,32}(?:password|passwd|token|secret|api-?key) {1,4}["']?)([^\s"'\\-][^\s"'\\]{5,})/g,
    (whole, before, value = '') =>
      isPlaceholder(value) || !(/\d/.test(value) || isRandom(value))
        ? whole
        : before + mark('secret'),
  ],
  [/(\blogin\s{1,8}\S{1,128}\s{1,8}password\s{1,8})[^\s[]\S{2,255}/g, `$1${mark('password')}`],
  [
    /\b((?:IDENTIFIED BY|[Pp]assword|PASSWORD) {1,4})'([^'[\n]{4,128})'/g,
    (whole, before = '', value = '') =>
      /\d/.test(value) || before.startsWith('I') ? `${before}'${mark('password')}'` : whole,
  ],
];

/** Whether a value after a scheme is a credential: in `Authorization: Bearer required` it is a word. */
const isCredential = (value: string): boolean =>
  !isPlaceholder(value) &&
  // The name of a scheme alone.
  !/^(?:AWS4|SCRAM)-[A-Z\d-]+$/.test(value) &&
  value.length >= 8 &&
  (/\d/.test(value) || value.length >= 24 || isRandom(value));

/** Whether a text is `user:password` in base64. */
export function isPair(value: string): boolean {
  try {
    return /^[^\s:]{0,256}:./.test(atob(value));
  } catch {
    return false;
  }
}

export function redactCredentials(text: string): string {
  let result = text;
  for (const [pattern, replace] of PATTERNS) result = result.replace(pattern, replace as Replace);
  return result;
}
