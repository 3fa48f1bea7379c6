/**
 * Single fields of a record as JSON text, each with the comma before it; nothing when the value is
 * unknown. Records are put together from few long pieces, because each piece costs.
 */
import { quoteLabel, quoteText } from '../serialize/snapshot.ts';

/** The end of a record. */
export const CLOSE = '}';

/** Longer values are looked at as they are; to copy them would cost as much as the look. */
const MAX_SHORT_UNITS = 256;

/** What was written that came from the program, for `outlet.ts` to look at before it leaves. */
export const written = {
  units: 0,
  /** Short values, behind each other. */
  text: '',
  long: [] as string[],
};

/** Two records often hold the same value, a few fields apart; one look at it is enough. */
const latest: string[] = Array.from({ length: 8 }, () => '');
let turn = 0;

/** Notes a value that came from the program. */
export function note(value: string): void {
  for (const known of latest) if (known === value) return;
  turn = (turn + 1) % latest.length;
  latest[turn] = value;
  written.units += value.length;
  if (value.length > MAX_SHORT_UNITS) written.long.push(value);
  else written.text += value;
}

/** Texts that are kept, and with them that they were looked at. */
const caches: { forget(): void }[] = [];

/** What was written has been looked at; `all` also forgets what is kept for the next time. */
export function forgetWritten(all: boolean): void {
  latest.fill('');
  written.text = '';
  written.units = 0;
  written.long = [];
  if (all) for (const cache of caches) cache.forget();
}

/** A field whose value is JSON text already. */
export function json(key: string, value: string | null): string {
  if (value === null) return '';
  note(value);
  return raw(key, value);
}

/** The same for JSON text whose pieces are noted elsewhere. */
export const raw = (key: string, value: string | null): string =>
  value === null ? '' : headOf(key) + value;

/** What stands before the value of a field. There are as many as names of fields in this folder. */
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
  note(value);
  return raw(key, quoteLabel(value));
}

/** A number. */
export const count = (key: string, value: number | null): string =>
  value === null ? '' : headOf(key) + value;

const MAX_NAMES = 500;
const MAX_NAME_UNITS = 128;

/** A field whose few values come again and again: names, roles, models. */
export class NameField {
  readonly #key: string;
  readonly #fields = new Map<string, string>();

  constructor(key: string) {
    this.#key = key;
    caches.push(this);
  }

  forget(): void {
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

interface Said {
  readonly role: string | null;
  readonly fields: string;
}

/**
 * Role and content of messages. A conversation sends all its earlier messages again with each call, and a
 * system prompt comes with every one, so most have been written before.
 */
export class MessageFields {
  readonly #role: NameField;
  readonly #said = new Map<string, Said>();
  #units = 0;

  constructor(role: NameField) {
    this.#role = role;
    caches.push(this);
  }

  forget(): void {
    this.#said.clear();
    this.#units = 0;
  }

  of(role: string | null, content: string | null): string {
    if (content === null) return this.#role.of(role);
    const known = this.#said.get(content);
    if (known?.role === role) return known.fields;
    note(content);
    const fields = flat(this.#role.of(role) + raw('content', quoteText(content)));
    if (content.length > MAX_REPEATED_UNITS / 16) return fields;
    this.#units += content.length;
    if (this.#units > MAX_REPEATED_UNITS) {
      this.#said.clear();
      this.#units = content.length;
    }
    this.#said.set(content, { role, fields });
    return fields;
  }
}

/** The same text in one piece: reading a character joins the pieces it was made of. */
export function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}
