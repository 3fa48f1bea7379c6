import { isCardName } from '../../wire/redaction/personal.ts';
import { isSecretName, isTokenName } from '../../wire/redaction/secret-names.ts';
import { isObject } from '../../wire/values.ts';

/** Shorter texts hold no secret, unless their name says so. */
const MIN_UNITS = 6;

/** Whether a name is that of a secret; programs use few names, so they are remembered. */
const known = new Map<string, boolean>();
const MAX_NAMES = 5_000;

function isSensitive(name: string): boolean {
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  const is = isSecretName(name) || isTokenName(name) || isCardName(name);
  if (known.size >= MAX_NAMES) known.clear();
  known.set(name, is);
  return is;
}

/** The texts in values of records, joined, so that they are searched at once. */
export class ContentText {
  text = '';
  /** Whether a value has the name of a secret or a card, which the text alone does not tell. */
  isNamed = false;

  get units(): number {
    return this.text.length;
  }

  /** Adds the texts in a value, and the names of its members. */
  add(name: string, value: unknown): void {
    if (typeof value === 'string') {
      if (value.length >= MIN_UNITS) this.text += `${value}\n`;
    } else if (Array.isArray(value)) {
      for (const item of value) this.add(name, item);
    } else if (isObject(value)) {
      for (const key of Object.keys(value)) {
        if (isSensitive(key)) this.isNamed = true;
        if (key.length > 16) this.text += `${key}\n`;
        this.add(key, value[key]);
      }
    }
  }
}
