/**
 * Redacts secrets in the JSON text of a record. Everything else keeps its exact text, so that no
 * number loses digits and no id changes.
 */
import {
  endOfString,
  endOfValue,
  isClosing,
  isOpening,
  skipSpace,
} from '../serialize/json-text.ts';
import { mayHoldSecret } from './prefilter.ts';
import { isCard, isSecretKey, mark, redactId, redactText, redactWords } from './secrets.ts';

/** A shorter string literal, quotes included, cannot hold a secret. */
const MIN_UNITS = 10;

/** Keys of ids, whose digits are not card numbers. */
const ID = /(?:^|_)ids?$|[a-z]Ids?$/;

/** A JSON Schema of a field rather than its value, as in the parameters of a tool. */
const SCHEMA = /^\{\s*"(?:type|\$ref|description|anyOf|oneOf|allOf|enum)"/;

/** The JSON text of a record with secrets redacted; ids that hold a secret become other ids. */
export function redactJson(json: string): string {
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
      const clean = redactLiteral(
        json,
        at,
        end,
        !isKey && ID.test(key),
        !isKey && depth === 1 && ID.test(key),
      );
      if (clean !== undefined) put(at, end, clean);
      // The end of a long key decides what it names.
      if (isKey) key = json.slice(Math.max(at + 1, end - 65), end - 1);
      at = end - 1;
      if (!isKey) continue;
      const start = skipSpace(json, next + 1);
      at = start - 1;
      if (depth === 1 || !isSecretKey(key) || isHarmless(json, start)) continue;
      const valueEnd = endOfValue(json, start);
      put(start, valueEnd, `"${mark('secret')}"`);
      at = valueEnd - 1;
    } else if (depth > 1 && unit >= 0x32 && unit <= 0x36 && !ID.test(key)) {
      // A number, scanned from its first digit.
      const end = endOfValue(json, at);
      if (end - at >= 13 && isFirstDigit(json, at) && isCard(json.slice(at, end))) {
        put(at, end, `"${mark('card number')}"`);
      }
      at = end - 1;
    }
  }
  return copied === 0 ? json : result + json.slice(copied);
}

const isFirstDigit = (json: string, at: number): boolean => /[\s:,[]/.test(json[at - 1] as string);

/** A JSON string literal with secrets redacted; undefined when it holds none. */
function redactLiteral(
  json: string,
  start: number,
  end: number,
  isNoCard: boolean,
  isId: boolean,
): string | undefined {
  if (end - start < MIN_UNITS) return undefined;
  const literal = json.slice(start, end);
  if (!mayHoldSecret(literal)) return undefined;
  const text = JSON.parse(literal) as string;
  const clean = isId ? redactId(text) : isNoCard ? redactWords(text) : redactText(text);
  return clean === text ? undefined : JSON.stringify(clean);
}

/** Booleans, null, empty values and JSON Schemas are not secrets, whatever their key. */
function isHarmless(json: string, start: number): boolean {
  const head = json.slice(start, start + 24);
  return /^(?:true|false|null|""|\[\]|\{\}|"\[redacted)/.test(head) || SCHEMA.test(head);
}
