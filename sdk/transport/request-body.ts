/** The body of a request, from the chunks that were sent. */

import { utf8Encoder, utf8Text } from '../platform/utf8.ts';
import { attempt, type Fields, hasFields, isInstance, isText } from '../platform/values.ts';
import { parseBounded, skim } from './bounded-json.ts';
import { readForm } from './multipart.ts';

/** Bytes that are kept of a request until it is read. Of a larger one, only the model is read. */
const MAX_BYTES = 64 * 1024 * 1024;
const HEAD_BYTES = 64 * 1024;

/** A chunk of a body in any form of undici, as bytes. */
export const bytesOf = (chunk: unknown): Uint8Array =>
  isInstance(chunk, Uint8Array)
    ? chunk
    : isText(chunk)
      ? utf8Encoder().encode(chunk)
      : new Uint8Array(chunk as ArrayBuffer);

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

export class RequestBody {
  #chunks: Uint8Array[] = [];
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  add(chunk: unknown): void {
    const bytes = bytesOf(chunk);
    const before = this.#size;
    this.#size += bytes.length;
    if (before > MAX_BYTES) return;
    // A copy, because the caller may reuse the memory.
    this.#chunks.push(bytes.slice());
    if (this.#size > MAX_BYTES) this.#chunks = [concat(this.#chunks).slice(0, HEAD_BYTES)];
  }

  /**
   * The JSON object or the form that was sent, undefined if it was none, and a text that is the same for the same
   * body. The chunks are released.
   */
  take(): { readonly fields: Fields | undefined; readonly identity: string } {
    const bytes = concat(this.#chunks);
    this.#chunks = [];
    const parsed = attempt<unknown>(() => {
      const whole = this.#size > MAX_BYTES ? undefined : bodyOf(bytes);
      return whole ? whole.value : { model: skim(bytes).model, messages: '[too large]' };
    });
    const fields = hasFields(parsed) ? parsed : undefined;
    return { fields, identity: this.#size + identify(bytes) };
  }
}

/** A form, or JSON; undefined when it is too large to be parsed. */
function bodyOf(bytes: Uint8Array): { readonly value: unknown } | undefined {
  const form = readForm(bytes);
  return form ? { value: form } : parseBounded(bytes);
}

const textOfBytes = (bytes: Uint8Array): string => utf8Text(bytes);

/** A large body is the same as another if its size, its beginning and its end are. */
function identify(bytes: Uint8Array): string {
  if (bytes.length <= 2 * HEAD_BYTES) return textOfBytes(bytes);
  return textOfBytes(bytes.subarray(0, HEAD_BYTES)) + textOfBytes(bytes.subarray(-HEAD_BYTES));
}
