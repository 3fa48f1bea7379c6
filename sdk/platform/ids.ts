/** Generates ids. Random digits come from a pool: one system call fills 8,192 of them. */

const POOL_BYTES = 4096;

let digits = '';
let at = 0;

function randomHex(length: number): string {
  if (at + length > digits.length) {
    try {
      digits = hexOf(crypto.getRandomValues(new Uint8Array(POOL_BYTES)));
      at = 0;
    } catch {
      // Outside of a request, workerd refuses random bytes. These must not become the pool of later ids.
      return hexOf(Uint8Array.from({ length: length / 2 }, () => Math.random() * 256));
    }
  }
  at += length;
  return digits.slice(at - length, at);
}

const hexOf = (bytes: Uint8Array<ArrayBuffer>): string =>
  typeof Buffer === 'function'
    ? Buffer.from(bytes.buffer).toString('hex')
    : Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A new W3C span id: 16 random hex digits. */
export const spanId = (): string => randomHex(16);

/**
 * A new W3C trace id. It starts with 8 hex digits of epoch seconds (as in AWS X-Ray), so that new
 * rows are inserted at the right-hand edge of each index.
 */
export function traceId(nowMillis: number): string {
  const seconds = Math.floor(nowMillis / 1000).toString(16);
  return seconds.padStart(8, '0') + randomHex(24);
}

/** A new UUIDv7 (RFC 9562): 48 bits of epoch milliseconds, then random bits. */
export function uuidV7(nowMillis: number): string {
  const time = Math.floor(nowMillis).toString(16).padStart(12, '0');
  const random = randomHex(20);
  const variant = '89ab'[Number.parseInt(random.slice(3, 4), 16) % 4];
  const tail = `${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${tail}`;
}
