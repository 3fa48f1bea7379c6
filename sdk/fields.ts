/**
 * Single fields of a record as JSON text, each with the comma before it; nothing when the value is
 * unknown. Records are put together from few long pieces, because each piece costs.
 */
import { quoteLabel, quoteText } from './capture.ts';

/** The end of a record. */
export const CLOSE = '}';

/** A field whose value is JSON text already. */
export const json = (key: string, value: string | null): string =>
  value === null ? '' : `,"${key}":${value}`;

/** A short text. */
export const label = (key: string, value: string | null | undefined): string =>
  value == null ? '' : `,"${key}":${quoteLabel(value)}`;

/** A number. */
export const count = (key: string, value: number | null): string =>
  value === null ? '' : `,"${key}":${value}`;

const MAX_NAMES = 500;
const MAX_NAME_UNITS = 128;

/** A field whose few values come again and again: names, roles, models. */
export class NameField {
  readonly #key: string;
  readonly #fields = new Map<string, string>();

  constructor(key: string) {
    this.#key = key;
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

/**
 * JSON text of messages. A conversation sends all its earlier messages again with each call, and a
 * system prompt comes with every one, so most have been quoted before.
 */
export class QuotedTexts {
  readonly #texts = new Map<string, string>();
  #units = 0;

  quote(text: string): string {
    const known = this.#texts.get(text);
    if (known) return known;
    const quoted = quoteText(text);
    if (text.length > MAX_REPEATED_UNITS / 16) return quoted;
    this.#units += text.length;
    if (this.#units > MAX_REPEATED_UNITS) {
      this.#texts.clear();
      this.#units = text.length;
    }
    this.#texts.set(text, quoted);
    return quoted;
  }
}

/** The same text in one piece: reading a character joins the pieces it was made of. */
export function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}
