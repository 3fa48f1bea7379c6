/** Type guards for values of unknown origin, shared by every side of the wire. */
import { LIMITS } from './protocol.ts';

/** An object other than an array, with members that are still unknown. */
export type UnknownObject = { readonly [key: string]: unknown };

type ObjectIn<T> = unknown extends T
  ? T & UnknownObject
  : Exclude<Extract<T, object>, readonly unknown[]>;

/** Whether a value is an object other than an array; narrows `JsonValue` to `JsonObject`. */
export function isObject<T>(value: T): value is ObjectIn<T> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Neither control characters (C0, DEL, C1) nor lone surrogates. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}]+$/u;

/**
 * The one rule for ids: 1 to 128 printable characters, counted in UTF-16 code units.
 *
 * @example
 * isId('conversation 7'); // true
 * isId('a\u0000b'); // false
 */
export function isId(value: string): boolean {
  return value !== '' && value.length <= LIMITS.maxIdLength && PRINTABLE.test(value);
}
