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
export function isList(value: unknown): value is any[] {
  try {
    return Array.isArray(value);
  } catch {
    // A revoked proxy.
    return false;
  }
}

/**
 * Whether a value is an instance of a class; false where the class is missing and where the question
 * throws, as for a revoked proxy. The only place of the SDK that uses `instanceof`.
 */
export function isInstance<T>(
  value: unknown,
  type: (abstract new (...args: never[]) => T) | undefined,
): value is T {
  try {
    return type !== undefined && value instanceof type;
  } catch {
    return false;
  }
}

/**
 * The kind of an object, such as `Error`, `Date` or `Generator`: also right for objects of other realms.
 * Never throws.
 */
export const tagOf = (value: unknown): string =>
  attempt(() => Object.prototype.toString.call(value).slice(8, -1)) ?? 'Object';

/** Whether a value is an error of this or another realm. */
export const isError = (value: unknown): value is Error =>
  hasFields(value) && (isInstance(value, Error) || tagOf(value) === 'Error');

/** The shortest class name that is recorded; a shorter one was written by a minifier. */
const MIN_CLASS_NAME = 3;

/**
 * The name of an error. A class that sets no `name` inherits `Error`; then it is the name of the class.
 * Undefined when the value has no name. May throw what a getter throws.
 */
export function errorName(thrown: unknown): string | undefined {
  const name = (thrown as Partial<Error> | null | undefined)?.name;
  if (name !== 'Error' || !isError(thrown)) return textOf(name) ?? undefined;
  const className = textOf(thrown.constructor?.name) ?? '';
  return className.length < MIN_CLASS_NAME ? name : className;
}

/** An object's field, or undefined for a value that has no fields. */
export const fieldOf = (value: unknown, key: string): unknown =>
  hasFields(value) ? value[key] : undefined;

/** A non-empty string, or null. */
export const textOf = (value: unknown): string | null =>
  isText(value) && value !== '' ? value : null;

/** The message of an error, or the text of any other thrown value. */
export function messageOf(thrown: unknown): string {
  // An AggregateError of network errors has a code and an empty message.
  const message = attempt(() =>
    isError(thrown)
      ? thrown.message || (textOf(fieldOf(thrown, 'code')) ?? thrown.name)
      : String(thrown),
  );
  return message ?? '[unreadable]';
}

/** The result of a function, or undefined when it throws. For code that is not ours. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
