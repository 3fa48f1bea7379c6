/** A text with its secrets replaced by marks. */
import { redactCredentials } from './credentials.ts';
import { redactBare, redactQuoted } from './fields.ts';
import { KEYS } from './key-patterns.ts';
import { mark } from './marks.ts';
import { DEFAULT_PERSONAL, type PersonalKind, redactPersonal } from './personal.ts';
import { redactPrivateKeys } from './private-keys.ts';
import { isRandom } from './randomness.ts';

/** What to take out of a text. */
export interface Masking {
  readonly secrets: boolean;
  readonly personal: readonly PersonalKind[];
}

/** What is taken out unless a setting says otherwise. */
export const DEFAULT_MASKING: Masking = { secrets: true, personal: DEFAULT_PERSONAL };

/** A word boundary; an escape of a nested text or of a URL may precede the word, too. */
const EDGE = '(?:(?<![\\w-])|(?<=\\\\[nrt]|%[0-9A-Fa-f]{2}))';

const [strict = '', loose = ''] = KEYS.split('\n');
const STRICT = new RegExp(`${EDGE}(?:${strict})`, 'g');
const LOOSE = new RegExp(`${EDGE}(?:${loose})([\\w-]{16,}(?:\\.[\\w-]{8,})*)`, 'g');
/** The header of a JSON Web Token is JSON, so it begins with `{"` in base64. */
const JWT = new RegExp(`${EDGE}eyJ[\\w-]{12,}\\.(?:\\.?[\\w-]{10,})(?:\\.[\\w-]*){0,4}`, 'g');

/** Characters that a serializer may write as an escape although it need not. */
const NEEDLESS_ESCAPE = /\\+(?:u00([2-7][0-9a-fA-F])|(\/))/g;
const PLAIN = /[\w+/=.~:@?&%!#$*-]/;

/** The text with each secret replaced by a mark that names its kind. */
export function redactText(text: string, { secrets, personal }: Masking = DEFAULT_MASKING): string {
  const clean = secrets ? redactSecrets(text) : text;
  return personal.length > 0 ? redactPersonal(clean, personal) : clean;
}

/** Redacts secrets, but no personal data. */
export function redactSecrets(text: string): string {
  // Escapes may split a secret in a text that holds JSON. They stay if there is none.
  if (text.includes('u00') || text.includes('\\/')) {
    const plain = text.replace(NEEDLESS_ESCAPE, (whole, hex?: string, slash?: string) => {
      const character = hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (slash ?? '');
      return PLAIN.test(character) ? character : whole;
    });
    if (plain !== text) {
      const clean = redactPlain(plain);
      return clean === plain ? text : clean;
    }
  }
  return redactPlain(text);
}

function redactPlain(text: string): string {
  const headers = redactCredentials(redactQuoted(redactPrivateKeys(text)));
  return redactBare(redactKeys(headers));
}

/** What follows a known prefix: no word has 40 letters and digits in one piece. */
const isKeyBody = (body: string): boolean =>
  isRandom(body) || /[A-Za-z\d]{40}/.test(body) || body.split(/[-_.]/).some(isRandom);

/** Redacts keys and tokens that are recognised by themselves. */
export const redactKeys = (text: string): string =>
  text
    .replace(STRICT, mark('api key'))
    .replace(LOOSE, (whole, body: string) => (isKeyBody(body) ? mark('api key') : whole))
    .replace(JWT, mark('jwt'));

/** Whether a text holds a key or token that is recognised by itself. */
export const holdsKey = (text: string): boolean => redactKeys(text) !== text;
