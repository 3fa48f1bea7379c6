/** Replaces a method of one object and keeps the identity of the object. */

export type Method = (...args: unknown[]) => unknown;

/** Replaces an own or inherited method on this object alone; `wrapper` receives the original. */
export function patch(
  object: object,
  key: PropertyKey,
  wrapper: (original: Method, self: unknown, args: unknown[]) => unknown,
): void {
  const original = Reflect.get(object, key) as Method;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    return wrapper(original, this, args);
  };
  Object.defineProperty(object, key, { value, configurable: true, writable: true });
}
