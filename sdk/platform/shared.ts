/**
 * One value per process, however many copies of this package the program loads (ESM, CommonJS, two
 * versions): it stands on `globalThis` under a registered symbol. Each room keeps its own.
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
