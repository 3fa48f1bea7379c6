/** Replaces a method of one object and keeps the identity of the object. */

export type Method = (...args: unknown[]) => unknown;

/** The number of times that each object was wrapped. */
const layers = new WeakMap<object, number>();

/** A result that is returned again and again, such as a connection, is wrapped this often. */
const MAX_LAYERS = 8;

/** Whether an object may be wrapped once more; counts it. */
export function canPatch(object: object): boolean {
  const count = (layers.get(object) ?? 0) + 1;
  if (count <= MAX_LAYERS) layers.set(object, count);
  return count <= MAX_LAYERS;
}

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
