/** What is masked in the value of a field, which depends on the name of the field. */
import { isObject } from '../values.ts';
import { isSecretField } from './fields.ts';
import { mark } from './marks.ts';
import { isCard, isCardName, isOtherNumber } from './personal.ts';
import { isPlaceholder } from './randomness.ts';
import { type Masking, redactText } from './redact-text.ts';
import { isSecretName } from './secret-names.ts';

/** Names of ids, whose digits are not card numbers. */
const ID = /(?:^|[_.-])ids?$|[a-z]Ids?$/;

export const isIdName = (name: string): boolean => ID.test(name);

/** The masking of the texts in a field: the digits of an id, an order or an invoice are no card. */
export function maskingOf(name: string, masking: Masking): Masking {
  if (!masking.personal.includes('card') || !(isIdName(name) || isOtherNumber(name))) {
    return masking;
  }
  return { ...masking, personal: masking.personal.filter((kind) => kind !== 'card') };
}

/** Whether a number in a field is that of a card. */
export const isCardField = (name: string, digits: string, { personal }: Masking): boolean =>
  personal.includes('card') && isCardName(name) && !isIdName(name) && isCard(digits);

/** Booleans, null, empty values and JSON Schemas are not secrets, whatever the name of their field. */
function isHarmless(value: unknown): boolean {
  if (typeof value === 'string') return value === '' || isPlaceholder(value);
  if (typeof value === 'number') return false;
  if (Array.isArray(value)) return value.length === 0;
  if (!isObject(value)) return true;
  const first = Object.keys(value)[0];
  return first === undefined || /^(?:type|\$ref|description|anyOf|oneOf|allOf|enum)$/.test(first);
}

/** Whether the whole value of a field is a secret. */
const isSecret = (name: string, value: unknown): boolean =>
  isHarmless(value)
    ? false
    : isSecretName(name) || (typeof value === 'string' && isSecretField(name, value));

/** A JSON value with secrets replaced by marks; the same value if it holds none. */
export function redactValue(value: unknown, masking: Masking, name = ''): unknown {
  if (typeof value === 'string') return redactText(value, maskingOf(name, masking));
  if (typeof value === 'number') {
    return isCardField(name, String(value), masking) ? mark('card number') : value;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => redactValue(item, masking, name));
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  if (!isObject(value)) return value;
  let isChanged = false;
  const entries = Object.entries(value).map(([key, member]): [string, unknown] => {
    const cleanKey = redactText(key, masking);
    const clean =
      masking.secrets && isSecret(key, member) ? mark('secret') : redactValue(member, masking, key);
    isChanged ||= clean !== member || cleanKey !== key;
    return [cleanKey, clean];
  });
  return isChanged ? Object.fromEntries(entries) : value;
}
