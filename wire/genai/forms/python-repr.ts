/**
 * Python's way to print a value (`repr`), which some instrumentations write where others write JSON:
 * dicts, lists, tuples, sets, texts, numbers, `None`, enum members, and objects as `Name(key=value)`.
 */
import { MAX_NODES } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { cleanText } from '../../text.ts';
import { readPlainRepr } from './python-json.ts';

/** Deeper values than any program prints are not read. */
const MAX_DEPTH = 60;

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w:.-])/y;
const NAME = /[A-Za-z_][\w.]*/y;
const KEYWORD = /([A-Za-z_]\w*)=/y;
const ENUM_MEMBER = /<[\w.]+: (?:'([^']*)'|"([^"]*)"|-?\d+)>/y;
const ADDRESS = /<[^<>]{1,500}>/y;
const BEGINNING = /^\s*(?:[[{(]|[A-Z_]\w*\(|\w+=['"])/;

const CONSTANTS = new Map<string, JsonValue>([
  ['None', null],
  ['True', true],
  ['False', false],
  ['null', null],
  ['true', true],
  ['false', false],
  ['nan', null],
]);

const ESCAPES: { readonly [letter: string]: string } = { n: '\n', t: '\t', r: '\r', '\n': '' };

/** The key of the class name in an object that was printed as `Name(key=value)`. */
export const CLASS = '$class';

/** The value of a printed text; undefined for any other text. */
export function readRepr(text: string): JsonValue | undefined {
  if (!BEGINNING.test(text)) return undefined;
  const first = text.charCodeAt(0);
  if (first === 0x5b || first === 0x7b) {
    const plain = readPlainRepr(text);
    if (plain !== undefined) return plain;
  }
  try {
    return new ReprReader(text).read();
  } catch (error) {
    if (error instanceof NotRepr) return undefined;
    throw error;
  }
}

class NotRepr extends Error {}

/** One for all: most texts that look like printed values are none, and a stack would cost more than reading them. */
const NOT_REPR = /* @__PURE__ */ new NotRepr();

/** Sets a member; assigning `__proto__` would set the prototype. */
function define(object: { [key: string]: JsonValue }, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  } else object[key] = value;
}

class ReprReader {
  readonly #text: string;
  #at = 0;
  #nodes = 0;
  /** The first backslash that is not behind the position. */
  #backslash = -1;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonValue {
    // Pydantic's `str()` prints the fields alone: `role='user' content='hello'`.
    const isBare = this.#match(KEYWORD) !== null;
    this.#at = 0;
    const value = isBare ? this.#bareFields() : this.#value(0);
    this.#skip();
    if (this.#at < this.#text.length) throw NOT_REPR;
    return value;
  }

  #bareFields(): JsonObject {
    const fields: [string, JsonValue][] = [];
    for (this.#skip(); this.#at < this.#text.length; this.#skip()) {
      const name = this.#match(KEYWORD)?.[1];
      if (name === undefined) throw NOT_REPR;
      fields.push([name, this.#value(1)]);
    }
    return Object.fromEntries(fields);
  }

  #value(depth: number): JsonValue {
    if (depth > MAX_DEPTH || ++this.#nodes > MAX_NODES) throw NOT_REPR;
    this.#skip();
    const first = this.#text[this.#at];
    if (first === '{') return this.#dict(depth);
    if (first === '[' || first === '(') {
      this.#at++;
      return this.#items(first === '[' ? ']' : ')', depth + 1);
    }
    if (first === "'" || first === '"') return this.#texts();
    if (first === '<') return this.#angled();
    const number = this.#match(NUMBER);
    if (number !== null) return Number(number[0]);
    return this.#named(depth);
  }

  #dict(depth: number): JsonValue {
    this.#at++;
    const members: JsonValue[] = [];
    const entries: { [key: string]: JsonValue } = {};
    while (!this.#eat('}')) {
      const key = this.#value(depth + 1);
      if (this.#eat(':')) define(entries, String(key), this.#value(depth + 1));
      else members.push(key);
      if (!this.#eat(',') && this.#text[this.#at] !== '}') throw NOT_REPR;
    }
    // A set has members without values.
    return members.length > 0 ? members : entries;
  }

  /** `None`, `Role.USER`, `Name(…)`. */
  #named(depth: number): JsonValue {
    const word = this.#match(NAME)?.[0];
    if (word === undefined) throw NOT_REPR;
    if (this.#text[this.#at] === '(') return this.#object(word, depth);
    const constant = CONSTANTS.get(word);
    if (constant !== undefined) return constant;
    // A word alone may be anything; that of an enum has a dot.
    if (!word.includes('.')) throw NOT_REPR;
    return word;
  }

  #object(name: string, depth: number): JsonValue {
    this.#at++;
    const fields: { [key: string]: JsonValue } = {};
    const bare: JsonValue[] = [];
    let isNamed = false;
    while (!this.#eat(')')) {
      const field = this.#match(KEYWORD)?.[1];
      const value = this.#value(depth + 1);
      if (field === undefined) bare.push(value);
      else {
        isNamed = true;
        // Haystack's classes print their private fields.
        define(fields, field.startsWith('_') ? field.slice(1) : field, value);
      }
      if (!this.#eat(',') && this.#text[this.#at] !== ')') throw NOT_REPR;
    }
    if (!isNamed && bare.length > 0) return bare.length === 1 ? (bare[0] ?? null) : bare;
    fields[CLASS] = name;
    return fields;
  }

  #angled(): JsonValue {
    const member = this.#match(ENUM_MEMBER);
    if (member !== null) return member[1] ?? member[2] ?? member[0];
    const address = this.#match(ADDRESS);
    if (address === null) throw NOT_REPR;
    return address[0];
  }

  #items(close: string, depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    while (!this.#eat(close)) {
      items.push(this.#value(depth));
      if (!this.#eat(',') && this.#text[this.#at] !== close) throw NOT_REPR;
    }
    return items;
  }

  /** Adjacent texts are one, as in Python. */
  #texts(): string {
    let joined = '';
    for (let c = this.#text[this.#at]; c === "'" || c === '"'; c = this.#text[this.#at]) {
      joined += this.#string();
      this.#skip();
    }
    return cleanText(joined);
  }

  #string(): string {
    const text = this.#text;
    const mark = text[this.#at] as string;
    const isLong = text[this.#at + 1] === mark && text[this.#at + 2] === mark;
    const quote = isLong ? mark.repeat(3) : mark;
    this.#at += quote.length;
    let joined = '';
    let backslash = this.#nextBackslash();
    for (;;) {
      const end = text.indexOf(quote, this.#at);
      if (end < 0) throw NOT_REPR;
      if (end < backslash) {
        joined += text.slice(this.#at, end);
        this.#at = end + quote.length;
        return joined;
      }
      joined += text.slice(this.#at, backslash);
      this.#at = backslash;
      joined += this.#escape();
      this.#at += 1;
      backslash = this.#nextBackslash();
    }
  }

  #nextBackslash(): number {
    if (this.#backslash < this.#at) {
      const next = this.#text.indexOf('\\', this.#at);
      this.#backslash = next < 0 ? this.#text.length : next;
    }
    return this.#backslash;
  }

  /** The text of an escape; the position is at its last character afterwards. */
  #escape(): string {
    const letter = this.#text[++this.#at] ?? '';
    const digits = letter === 'x' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : 0;
    if (digits === 0) return ESCAPES[letter] ?? (/['"\\]/.test(letter) ? letter : `\\${letter}`);
    const point = Number.parseInt(this.#text.slice(this.#at + 1, this.#at + 1 + digits), 16);
    if (!(point <= 0x10ffff)) throw NOT_REPR;
    this.#at += digits;
    return String.fromCodePoint(point);
  }

  #match(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.#at;
    const found = form.exec(this.#text);
    if (found !== null) this.#at = form.lastIndex;
    return found;
  }

  #eat(character: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skip(): void {
    while (this.#text.charCodeAt(this.#at) <= 32) this.#at++;
  }
}
