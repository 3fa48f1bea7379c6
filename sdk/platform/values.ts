/** Looking at values of any kind. */

/** Any object, as something that has fields. */
export type Fields = { [key: string]: unknown };

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null;

export const isText = (value: unknown): value is string => typeof value === 'string';

// biome-ignore lint/suspicious/noExplicitAny: whoever calls it knows what it takes and gives
export const isFunction = (value: unknown): value is (...args: any[]) => any =>
  typeof value === 'function';

// biome-ignore lint/suspicious/noExplicitAny: as `Array.isArray` has it
export const isList = (value: unknown): value is any[] => Array.isArray(value);

/** An object's field, or undefined for anything that has no fields. */
export const fieldOf = (value: unknown, key: string): unknown =>
  isObject(value) ? value[key] : undefined;

/** What an error, or whatever else was thrown, says. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  // Several network errors in one have a code and no message.
  return thrown.message || (textOf(fieldOf(thrown, 'code')) ?? thrown.name);
}

/** A non-empty string, or null. */
export const textOf = (value: unknown): string | null =>
  isText(value) && value !== '' ? value : null;
