/** The body of a request, from the chunks that were sent. */
import { LIMITS } from '../../wire/protocol.ts';
import { attempt, type Fields, hasFields, isText } from '../platform/values.ts';

/** Bytes that are kept of a request. Of a larger one, only the model is read. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Bytes that are parsed as they are. */
const MAX_PLAIN_BYTES = 24 * 1024 * 1024;
/** Bytes that are parsed after long texts were cut: parsing many small values is slow. */
const MAX_PARSED_BYTES = 8 * 1024 * 1024;
const HEAD_BYTES = 64 * 1024;

const CUT: Uint8Array = /* @__PURE__ */ new TextEncoder().encode('…[cut]');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A chunk of a body in any form of undici, as bytes. */
export const bytesOf = (chunk: unknown): Uint8Array =>
  chunk instanceof Uint8Array
    ? chunk
    : isText(chunk)
      ? new TextEncoder().encode(chunk)
      : ArrayBuffer.isView(chunk)
        ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
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
   * The JSON object that was sent, undefined if it was none, and a text that is the same for the same
   * body. The chunks are released.
   */
  take(): { readonly fields: Fields | undefined; readonly identity: string } {
    const bytes = concat(this.#chunks);
    this.#chunks = [];
    const isWhole = this.#size <= MAX_BYTES;
    const parsed = isWhole ? attempt(() => parse(bytes)) : undefined;
    const fields = hasFields(parsed)
      ? parsed
      : this.#size > MAX_PARSED_BYTES
        ? skim(bytes)
        : undefined;
    return { fields, identity: `${this.#size}:${identify(bytes)}` };
  }
}

const textOfBytes = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function parse(bytes: Uint8Array): unknown {
  if (bytes.length <= MAX_PARSED_BYTES) return JSON.parse(textOfBytes(bytes));
  const cut = cutLongTexts(bytes);
  const size = cut.reduce((sum, { length }) => sum + length, 0);
  if (size > MAX_PARSED_BYTES) return undefined;
  // The size of an image is known only from all of its text.
  return JSON.parse(textOfBytes(bytes.length <= MAX_PLAIN_BYTES ? bytes : concat(cut)));
}

/** A large body is the same as another if its size, its beginning and its end are. */
function identify(bytes: Uint8Array): string {
  if (bytes.length <= 2 * HEAD_BYTES) return textOfBytes(bytes);
  return textOfBytes(bytes.subarray(0, HEAD_BYTES)) + textOfBytes(bytes.subarray(-HEAD_BYTES));
}

/** The model of a body that is too large to be parsed. */
const skim = (bytes: Uint8Array): Fields => ({
  model: /"model"\s*:\s*"([^"]{1,200})"/.exec(textOfBytes(bytes.subarray(0, HEAD_BYTES)))?.[1],
  messages: `…[${bytes.length} bytes]`,
});

/** Cuts the strings of a JSON text that are longer than a field may be, without decoding it. */
function cutLongTexts(bytes: Uint8Array): Uint8Array[] {
  const kept: Uint8Array[] = [];
  let from = 0;
  for (let open = bytes.indexOf(QUOTE); open >= 0; ) {
    const close = endOfString(bytes, open);
    if (close < 0) break;
    if (close - open > LIMITS.maxTextBytes) {
      let cut = open + LIMITS.maxTextBytes;
      // Neither inside an escape nor inside a character of several bytes.
      while (bytes[cut - 1] === BACKSLASH || ((bytes[cut] as number) & 0xc0) === 0x80) cut -= 1;
      kept.push(bytes.subarray(from, cut), CUT);
      from = close;
    }
    open = bytes.indexOf(QUOTE, close + 1);
  }
  return [...kept, bytes.subarray(from)];
}

/** The position of the quote that closes a string; -1 if there is none. */
function endOfString(bytes: Uint8Array, open: number): number {
  for (let at = bytes.indexOf(QUOTE, open + 1); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
    let backslashes = 0;
    while (bytes[at - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}
