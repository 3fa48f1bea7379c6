/**
 * Process-wide state, one value per name. A program may load this package several times (as ESM and
 * as CommonJS, or in two versions); all copies must see the same current span, counts and runtime.
 *
 * The value is stored on `globalThis` under a registered symbol. Each cell is declared in the module
 * that owns its subject.
 */
export function shared<T extends object>(name: string, create: () => T): T {
  const key = Symbol.for(`agensight.sdk.v1.${name}`);
  const holder = globalThis as unknown as Record<symbol, T | undefined>;
  const existing = holder[key];
  if (existing) return existing;
  const value = create();
  Object.defineProperty(holder, key, { value, enumerable: false });
  return value;
}
