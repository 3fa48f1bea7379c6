/** Ids, minted once and never changed. Random digits come from a pool: one system call fills 512. */
import { LIMITS } from '../wire/protocol.ts';

const POOL_BYTES = 4096;
const bytes = new Uint8Array(POOL_BYTES);
const HEX = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'));

let digits = '';
let at = 0;

function refill(): void {
  crypto.getRandomValues(bytes);
  digits =
    typeof Buffer === 'function'
      ? Buffer.from(bytes.buffer).toString('hex')
      : Array.from(bytes, (byte) => HEX[byte]).join('');
  at = 0;
}

function randomHex(length: number): string {
  if (at + length > digits.length) refill();
  at += length;
  return digits.slice(at - length, at);
}

/** A W3C span id: 16 random hex digits. */
export function spanId(): string {
  return randomHex(16);
}

/**
 * A W3C trace id that starts with 8 hex digits of epoch seconds (the AWS X-Ray form), so that new
 * rows go to the right-hand edge of every index.
 */
export function traceId(nowMillis: number): string {
  const seconds = Math.floor(nowMillis / 1000).toString(16);
  return seconds.padStart(8, '0') + randomHex(24);
}

/** A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits. */
export function uuidV7(nowMillis: number): string {
  const time = Math.floor(nowMillis).toString(16).padStart(12, '0');
  const random = randomHex(19);
  const variant = '89ab'[Number.parseInt(random.slice(3, 4), 16) & 3];
  const [a, b, c] = [random.slice(0, 3), random.slice(4, 7), random.slice(7)];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${a}-${variant}${b}-${c}`;
}

const PRINTABLE_ASCII = /^[\x20-\x7e]{1,128}$/;
const NOT_PRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** Whether the server takes this as an id: 1 to 128 printable characters. */
export function isUsableId(id: string): boolean {
  if (PRINTABLE_ASCII.test(id)) return true;
  return id.length > 0 && id.length <= LIMITS.maxIdLength && !NOT_PRINTABLE.test(id);
}
