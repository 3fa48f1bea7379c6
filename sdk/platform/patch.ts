/** Listening to the calls of a method of one object, which stays the object that it is. */

export type Method = (...args: unknown[]) => unknown;

/** Puts a listening method over one of an object's own or inherited ones, on this object alone. */
export function patch(
  object: object,
  key: PropertyKey,
  listening: (original: Method, self: unknown, args: unknown[]) => unknown,
): void {
  const original = Reflect.get(object, key) as Method;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    return listening(original, this, args);
  };
  Object.defineProperty(object, key, { value, configurable: true, writable: true });
}
