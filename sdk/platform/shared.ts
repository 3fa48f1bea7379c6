/**
 * Process-wide state, one value per name. A program may load this package several times (as ESM and
 * as CommonJS, or in two versions); all copies must see the same current span, counts and runtime.
 *
 * The value is stored on `globalThis` under a registered symbol. Each cell is declared in the module
 * that owns its subject.
 */
export const shared = <T extends object>(name: string, create: () => T): T =>
  sharedOn(globalThis, name, create);

/** The same, with the value on another object, such as a class that several realms have in common. */
export function sharedOn<T extends object>(holder: object, name: string, create: () => T): T {
  const key = Symbol.for(`agensight.sdk.v1.${name}`);
  const existing = (holder as Record<symbol, T | undefined>)[key];
  if (existing) return existing;
  const value = create();
  Reflect.defineProperty(holder, key, { value, enumerable: false });
  return value;
}
