/** Reading values of unknown type. */

/** Any object, as something that has fields. */
export type Fields = { [key: string]: unknown };

/** Whether a value is an object of any kind, arrays included, so that its fields can be read. */
export const hasFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null;

export const isText = (value: unknown): value is string => typeof value === 'string';

// biome-ignore lint/suspicious/noExplicitAny: the signature is known to the caller alone
export const isFunction = (value: unknown): value is (...args: any[]) => any =>
  typeof value === 'function';

// biome-ignore lint/suspicious/noExplicitAny: the same type as that of `Array.isArray`
export const isList = (value: unknown): value is any[] => Array.isArray(value);

/** An object's field, or undefined for a value that has no fields. */
export const fieldOf = (value: unknown, key: string): unknown =>
  hasFields(value) ? value[key] : undefined;

/** A non-empty string, or null. */
export const textOf = (value: unknown): string | null =>
  isText(value) && value !== '' ? value : null;

/** The message of an error, or the text of any other thrown value. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  // An AggregateError of network errors has a code and an empty message.
  return thrown.message || (textOf(fieldOf(thrown, 'code')) ?? thrown.name);
}

/** The result of a function, or undefined when it throws. For code that is not ours. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
