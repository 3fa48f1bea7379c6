/** Random texts, the same in each run. */

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const ALPHABETS = {
  alphanumeric: `${LETTERS}0123456789`,
  digits: '0123456789',
  hex: '0123456789abcdef',
  lower: 'abcdefghijklmnopqrstuvwxyz',
  base32: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  base64: `${LETTERS}0123456789+/`,
  bech32: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
} as const;

let state = 20_261_129;

/** Mulberry32, public domain. */
function next(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
}

/** Characters of an alphabet, at random. */
export const random = (length: number, alphabet: keyof typeof ALPHABETS = 'alphanumeric'): string =>
  Array.from(
    { length },
    () => ALPHABETS[alphabet][Math.floor(next() * ALPHABETS[alphabet].length)],
  ).join('');

/** Random bytes in base64, with padding. */
export const randomBase64 = (bytes: number): string =>
  Buffer.from(Array.from({ length: bytes }, () => Math.floor(next() * 256))).toString('base64');

export const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** The digits with the check digit that makes them valid by Luhn's formula. */
export function withCheckDigit(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    sum += i % 2 === 1 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return digits + ((10 - (sum % 10)) % 10);
}

export const uuid = (): string => [8, 4, 4, 4, 12].map((length) => random(length, 'hex')).join('-');
