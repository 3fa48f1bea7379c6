/** Values with the name of a secret, in a text that holds JSON, source code, headers, or settings. */
import { isPair } from './credentials.ts';
import { mark } from './marks.ts';
import { isCode, isPlaceholder, isRandom } from './randomness.ts';
import { isSecretName, isSigningName, isTokenName } from './secret-names.ts';

/** A name, quoted or not, its separator, and the quote of its value: `"name": "`, `name='`, `\"name\":\"`. */
const QUOTED =
  /(?<![\w.-])([\w.-]{1,64})(?:(\\{0,8})["'])?\s{0,4}(?:=>|[:=])\s{0,4}(\\{0,8})(["'])/g;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a random value under such a name is a secret. */
export const isTokenValue = (value: string): boolean =>
  (isRandom(value) && !UUID.test(value)) || (value.length >= 8 && isPair(value));

/** Whether the value of a field in JSON or source code is a secret. */
export function isSecretField(name: string, value: string): boolean {
  if (isPlaceholder(value)) return false;
  return isSecretName(name) || (isTokenName(name) && isTokenValue(value));
}

/** Redacts quoted values. */
export function redactQuoted(text: string): string {
  let result = '';
  let copied = 0;
  QUOTED.lastIndex = 0;
  for (let found = QUOTED.exec(text); found; found = QUOTED.exec(text)) {
    const [whole, name = '', , slashes = '', quote = ''] = found;
    const isNamed = isSecretName(name);
    if (!isNamed && !isTokenName(name)) {
      // The quote may also begin a name, as in `a: "b": "c"`.
      QUOTED.lastIndex = found.index + whole.length;
      continue;
    }
    const start = found.index + whole.length;
    const end = endOfQuoted(text, start, quote, slashes.length);
    const value = text.slice(start, end);
    if (value !== '' && isSecretField(name, value)) {
      result += text.slice(copied, start) + mark('secret');
      copied = end;
    }
    QUOTED.lastIndex = end;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/**
 * The index of the quote that ends a value, or the end of the text. In JSON inside JSON a quote has
 * backslashes, and the escaped quotes inside the value have more.
 */
function endOfQuoted(text: string, start: number, quote: string, slashes: number): number {
  for (let at = text.indexOf(quote, start); at >= 0; at = text.indexOf(quote, at + 1)) {
    let before = at;
    while (before > start && text.charCodeAt(before - 1) === 0x5c) before -= 1;
    const excess = at - before - slashes;
    if (excess <= 0 || excess % (2 * (slashes + 1)) === 0) return Math.max(start, at - slashes);
  }
  return text.length;
}

/** A name and a bare value: of a header, a query parameter, a line of settings. */
const BARE =
  /(?:(?<![\w.-])|(?<=\\[nrt]|%[0-9A-Fa-f]{2}))([\w.-]{1,64})(["']?[ \t]{0,4}(?:=>|[:=])[ \t]{0,4})(?!\/\/)([^\s&;,"'<>()[\]{}\\]{6,})/g;

/** Redacts bare values. */
export const redactBare = (text: string): string =>
  text.replace(BARE, (whole, name: string, between: string, value: string, at: number) => {
    const next = text[at + whole.length];
    const before = text[at - 1];
    const isSecret =
      isSecretName(name) && !/cookie$|authorization$/i.test(name)
        ? isBareSecret(name, between, value, next)
        : isQuery(before, between)
          ? isSigningName(name) && isSigned(name, value)
          : isTokenName(name) && isTokenValue(value) && next !== '(';
    return isSecret && !isPlaceholder(value) ? `${name}${between}${mark('secret')}` : whole;
  });

const isQuery = (before: string | undefined, between: string): boolean =>
  between === '=' && !!before && /[?&#]/.test(before);

/** A signature has any characters; a code of another name may be a word. */
const isSigned = (name: string, value: string): boolean =>
  /^(?:sig|x-.*)$/i.test(name)
    ? value.length >= 16
    : isRandom(value) || (value.length >= 32 && !/[-_.]/.test(value));

function isBareSecret(
  name: string,
  between: string,
  value: string,
  next: string | undefined,
): boolean {
  // A call, an index, a template, or an address.
  if (next === '(' || next === '[' || next === '{' || /^\w{1,16}:\//.test(value)) return false;
  const isVariable = between === '=' && /^[A-Z][A-Z\d_]*$/.test(name);
  if (!isVariable && isCode(value)) return false;
  if (/\d/.test(value) || isRandom(value)) return true;
  // Letters alone are a secret where nothing follows on the line; a sentence has more words.
  const isLast = next === undefined || !/[ \t.(]/.test(next);
  return isLast && value.length >= 12 && (isVariable || /^[A-Za-z]{16,}$/.test(value));
}
