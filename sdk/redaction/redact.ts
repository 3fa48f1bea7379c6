/**
 * Redacts secrets in the JSON text of a record. Everything else keeps its exact text, so that no
 * number loses digits and no id changes.
 */
import { isCardField, isIdName, maskingOf } from '../../wire/redaction/field-values.ts';
import { isSecretField } from '../../wire/redaction/fields.ts';
import { mark } from '../../wire/redaction/marks.ts';
import { mayHoldSecret } from '../../wire/redaction/prefilter.ts';
import { DEFAULT_MASKING, type Masking, redactText } from '../../wire/redaction/redact-text.ts';
import { isSecretName, isTokenName } from '../../wire/redaction/secret-names.ts';
import { hash53 } from '../platform/hash.ts';
import {
  endOfString,
  endOfValue,
  isClosing,
  isOpening,
  skipSpace,
} from '../serialize/json-text.ts';

/** A shorter string literal, quotes included, cannot hold a secret. */
const MIN_UNITS = 10;

/** A JSON Schema of a field rather than its value, as in the parameters of a tool. */
const SCHEMA = /^\{\s*"(?:type|\$ref|description|anyOf|oneOf|allOf|enum)"/;

/** The JSON text of a record with secrets redacted; ids that hold a secret become other ids. */
export function redactJson(json: string, masking: Masking = DEFAULT_MASKING): string {
  let result = '';
  let copied = 0;
  let depth = 0;
  let key = '';
  const put = (start: number, end: number, text: string): void => {
    result += json.slice(copied, start) + text;
    copied = end;
  };
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (isOpening(unit)) depth += 1;
    else if (isClosing(unit)) depth -= 1;
    else if (unit === 0x22) {
      const end = endOfString(json, at);
      const next = skipSpace(json, end);
      const isKey = json.charCodeAt(next) === 0x3a;
      const name = isKey ? '' : key;
      const clean = redactLiteral(json, at, end, name, depth === 1 && isIdName(name), masking);
      if (clean !== undefined) put(at, end, clean);
      // The end of a long key decides what it names.
      if (isKey) key = json.slice(Math.max(at + 1, end - 65), end - 1);
      at = end - 1;
      if (!isKey) continue;
      const start = skipSpace(json, next + 1);
      at = start - 1;
      if (depth === 1 || !masking.secrets || isHarmless(json, start)) continue;
      if (!(isSecretName(key) || isTokenName(key))) continue;
      const valueEnd = endOfValue(json, start);
      if (!isSecretValue(key, json.slice(start, valueEnd))) continue;
      put(start, valueEnd, `"${mark('secret')}"`);
      at = valueEnd - 1;
    } else if (depth > 1 && unit >= 0x32 && unit <= 0x36) {
      // A number, scanned from its first digit.
      const end = endOfValue(json, at);
      const isCard = isFirstDigit(json, at) && isCardField(key, json.slice(at, end), masking);
      if (isCard) put(at, end, `"${mark('card number')}"`);
      at = end - 1;
    }
  }
  return copied === 0 ? json : result + json.slice(copied);
}

/** Whether the JSON text of a value is a secret. */
function isSecretValue(key: string, json: string): boolean {
  if (!json.startsWith('"')) return isSecretName(key);
  return isSecretField(key, JSON.parse(json) as string);
}

const isFirstDigit = (json: string, at: number): boolean => /[\s:,[]/.test(json[at - 1] as string);

/** A JSON string literal with secrets redacted; undefined when it holds none. */
function redactLiteral(
  json: string,
  start: number,
  end: number,
  name: string,
  isId: boolean,
  masking: Masking,
): string | undefined {
  if (end - start < MIN_UNITS) return undefined;
  const literal = json.slice(start, end);
  if (!mayHoldSecret(literal, masking)) return undefined;
  const text = JSON.parse(literal) as string;
  const clean = isId ? redactId(text, masking) : redactText(text, maskingOf(name, masking));
  return clean === text ? undefined : JSON.stringify(clean);
}

/** Booleans, null, empty values and JSON Schemas are not secrets, whatever their key. */
function isHarmless(json: string, start: number): boolean {
  const head = json.slice(start, start + 24);
  return /^(?:true|false|null|""|\[\]|\{\}|"\[redacted)/.test(head) || SCHEMA.test(head);
}

/**
 * Replaces an id that holds a secret by a hash of it, so that records with the same id stay joined.
 * An id of digits is not taken for a card number.
 */
export const redactId = (id: string, masking: Masking = DEFAULT_MASKING): string =>
  redactText(id, maskingOf('id', masking)) === id ? id : `redacted-${hash53(id)}`;
