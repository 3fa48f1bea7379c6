/**
 * Writes single fields of a record as JSON text, each with a leading comma; an empty text for null.
 * Records are concatenated from few long pieces, because each concatenation costs time.
 */
import { LIMITS } from '../../wire/protocol.ts';
import { quoteLabel, quoteText } from '../serialize/snapshot.ts';

/** The end of a record. */
export const CLOSE = '}';

/** Longer values are scanned as they are, because copying them would cost as much as the scan. */
const MAX_SHORT_UNITS = 256;

/** Text of records that came from the host program, which the sanitizer scans for secrets. */
export const notedText = {
  units: 0,
  /** Short values, each on a line. */
  text: '',
  long: [] as string[],
};

/** The last values that were noted: adjacent records often hold the same value. */
const latest: string[] = Array.from({ length: 8 }, () => '');
let turn = 0;

/** Notes a value that came from the host program. */
export function noteText(given: string): void {
  // What is beyond the limit of a field is not written.
  const value = given.length > LIMITS.maxJsonBytes ? given.slice(0, LIMITS.maxJsonBytes) : given;
  for (const known of latest) if (known === value) return;
  turn = (turn + 1) % latest.length;
  latest[turn] = value;
  notedText.units += value.length;
  if (value.length > MAX_SHORT_UNITS) notedText.long.push(value);
  else notedText.text += `${value}\n`;
}

/** Caches of written fields, whose text is noted only when it is written first. */
const caches: { clear(): void }[] = [];

/** Clears the noted text after a scan; `all` also clears the caches of written fields. */
export function clearNotedText(all: boolean): void {
  latest.fill('');
  notedText.text = '';
  notedText.units = 0;
  notedText.long = [];
  if (all) for (const cache of caches) cache.clear();
}

/** A field whose value is JSON text. */
export function json(key: string, value: string | null): string {
  if (value === null) return '';
  noteText(value);
  return raw(key, value);
}

/** The same, without noting the value. */
export const raw = (key: string, value: string | null): string =>
  value === null ? '' : headOf(key) + value;

/** The text before the value of each field: as many entries as there are field names in this room. */
const heads = new Map<string, string>();

function headOf(key: string): string {
  const known = heads.get(key);
  if (known) return known;
  const head = flat(`,"${key}":`);
  heads.set(key, head);
  return head;
}

/** A short text. */
export function label(key: string, value: string | null | undefined): string {
  if (value == null) return '';
  noteText(value);
  return raw(key, quoteLabel(value));
}

/** A number. */
export const count = (key: string, value: number | null): string =>
  value === null ? '' : headOf(key) + value;

const MAX_NAMES = 500;
const MAX_NAME_UNITS = 128;

/** A field with few distinct values, which are cached: names, roles, models. */
export class NameField {
  readonly #key: string;
  readonly #fields = new Map<string, string>();

  constructor(key: string) {
    this.#key = key;
    caches.push(this);
  }

  clear(): void {
    this.#fields.clear();
  }

  of(value: string | null): string {
    if (value === null) return '';
    const known = this.#fields.get(value);
    if (known) return known;
    const field = flat(label(this.#key, value));
    if (value.length > MAX_NAME_UNITS) return field;
    if (this.#fields.size >= MAX_NAMES) this.#fields.clear();
    this.#fields.set(value, field);
    return field;
  }
}

const MAX_REPEATED_UNITS = 524_288;

interface MessageText {
  readonly role: string | null;
  readonly fields: string;
}

/**
 * Role and content of messages, cached: a conversation sends all of its earlier messages, and the replies
 * to them, again with each call.
 */
export class MessageFields {
  readonly #role: NameField;
  readonly #messages = new Map<string, MessageText>();
  #units = 0;

  constructor(role: NameField) {
    this.#role = role;
    caches.push(this);
  }

  clear(): void {
    this.#messages.clear();
    this.#units = 0;
  }

  of(role: string | null, content: string | null): string {
    if (content === null) return this.#role.of(role);
    const known = this.#messages.get(content);
    if (known?.role === role) return known.fields;
    noteText(content);
    const fields = flat(this.#role.of(role) + raw('content', quoteText(content)));
    if (content.length > MAX_REPEATED_UNITS / 16) return fields;
    this.#units += content.length;
    if (this.#units > MAX_REPEATED_UNITS) {
      this.#messages.clear();
      this.#units = content.length;
    }
    this.#messages.set(content, { role, fields });
    return fields;
  }
}

/** Flattens a concatenated string: reading a character joins its pieces. */
export function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}
