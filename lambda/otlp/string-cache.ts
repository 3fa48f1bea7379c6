/** A cache of decoded texts that repeat within and across requests. */

/** Longer texts are rarely repeated. */
const MAX_BYTES = 64;
/** A power of two. A new text replaces the one in its slot, so this is also the bound. */
const SLOTS = 2_048;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

interface Slot {
  bytes: Uint8Array;
  text: string;
}

/**
 * Decodes UTF-8 and caches short texts. Attribute keys, roles and model names are most of an export,
 * and a look-up costs a third of decoding the text again.
 */
export class StringCache {
  readonly #slots: (Slot | undefined)[] = new Array(SLOTS);
  readonly #finish: (text: string) => string;

  /** @param finish applied to each text after it is decoded */
  constructor(finish: (text: string) => string) {
    this.#finish = finish;
  }

  read(buffer: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return '';
    if (length > MAX_BYTES) return this.#finish(buffer.toString('utf8', start, end));
    let hash = FNV_OFFSET;
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ (buffer[at] as number), FNV_PRIME);
    }
    const place = (hash ^ (hash >>> 16)) & (SLOTS - 1);
    const slot = this.#slots[place];
    if (slot !== undefined && isSame(slot.bytes, buffer, start, length)) return slot.text;
    const text = this.#finish(buffer.toString('utf8', start, end));
    this.#slots[place] = { bytes: Uint8Array.prototype.slice.call(buffer, start, end), text };
    return text;
  }
}

function isSame(bytes: Uint8Array, buffer: Buffer, start: number, length: number): boolean {
  if (bytes.length !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[i] !== buffer[start + i]) return false;
  return true;
}
