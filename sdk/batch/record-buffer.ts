/**
 * The records of one table as UTF-8, in a buffer that is reused for the next batch.
 *
 * A concatenated string is flattened when it is first read, which is slower the older its pieces are;
 * so it is encoded every few kilobytes.
 */

import { utf8Encoder } from '../platform/utf8.ts';

const ENCODE_UNITS = 16_384;

/** A larger buffer is released after its batch. */
const MAX_KEPT_BYTES = 2_097_152;

export class RecordList {
  #text = '';
  #buffer = new Uint8Array(0);
  #used = 0;

  add(json: string): void {
    const isFirst = this.#used === 0 && this.#text === '';
    this.#text += isFirst ? json : `,${json}`;
    if (this.#text.length >= ENCODE_UNITS) this.#encode();
  }

  /** The records, separated by commas. Valid until the next call. */
  bytes(): Uint8Array {
    this.#encode();
    return this.#buffer.subarray(0, this.#used);
  }

  clear(): void {
    this.#text = '';
    this.#used = 0;
    if (this.#buffer.byteLength > MAX_KEPT_BYTES) this.#buffer = new Uint8Array(0);
  }

  #encode(): void {
    if (this.#text === '') return;
    // A UTF-16 unit takes at most three bytes in UTF-8.
    const needed = this.#used + this.#text.length * 3;
    if (needed > this.#buffer.byteLength) {
      const grown = new Uint8Array(Math.max(needed, this.#buffer.byteLength * 2));
      grown.set(this.#buffer.subarray(0, this.#used));
      this.#buffer = grown;
    }
    this.#used += utf8Encoder().encodeInto(this.#text, this.#buffer.subarray(this.#used)).written;
    this.#text = '';
  }
}
