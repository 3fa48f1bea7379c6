/** Looking at values of any kind. */

/** Any object, as something that has fields. */
export type Fields = { [key: string]: unknown };

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null;

/** An object's field, or undefined for anything that has no fields. */
export const fieldOf = (value: unknown, key: string): unknown =>
  isObject(value) ? value[key] : undefined;

/** A non-empty string, or null. */
export const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
