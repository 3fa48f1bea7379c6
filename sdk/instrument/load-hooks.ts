/**
 * Module load hooks: observes packages that are loaded later, by `require` or by `import`. A line that
 * passes the exports to us is appended to the source of their entry, so that they are patched before
 * the program uses them.
 */

import Module from 'node:module';

/** The registered symbol under which the appended line finds the receiver. */
const RECEIVER = 'agensight.loaded.v1';

/** Calls `take` with the exports of each copy of the packages that is loaded. Returns the undo. */
export function watchLoads(
  packages: readonly string[],
  take: (name: string, exported: unknown) => void,
): () => void {
  const unhook = 'registerHooks' in Module ? hookLoads(packages) : wrapRequire(packages, take);
  const key = Symbol.for(RECEIVER);
  Object.defineProperty(globalThis, key, { value: take, configurable: true });
  return () => {
    unhook();
    Reflect.deleteProperty(globalThis, key);
  };
}

const packageOf = (packages: readonly string[], specifier: string): string | undefined =>
  packages.find((name) => specifier === name || specifier.startsWith(`${name}/`));

/** Node 22.15 and 23.5 have synchronous hooks, which need no flag and no worker thread. */
function hookLoads(packages: readonly string[]): () => void {
  const entries = new Map<string, string>();
  const hooks = Module.registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const name = packageOf(packages, specifier);
      if (name) entries.set(resolved.url, name);
      return resolved;
    },
    load(url, context, next) {
      const loaded = next(url, context);
      const name = entries.get(url);
      const { source, format } = loaded;
      if (!name || source == null) return loaded;
      const line = format === 'module' ? lineOfModule(name, url) : lineOfScript(name, format);
      return line ? { ...loaded, source: textOf(source) + line } : loaded;
    },
  });
  return () => hooks.deregister();
}

const call = (name: string, exported: string): string =>
  `globalThis[Symbol.for("${RECEIVER}")]?.("${name}",${exported});`;

const lineOfModule = (name: string, url: string): string =>
  `\nimport * as agensight$self from ${JSON.stringify(url)};${call(name, 'agensight$self')}`;

const lineOfScript = (name: string, format: string | null | undefined): string | undefined =>
  format === 'commonjs' ? `\n;${call(name, 'module.exports')}` : undefined;

const textOf = (source: string | ArrayBuffer | NodeJS.TypedArray): string =>
  typeof source === 'string' ? source : new TextDecoder().decode(source);

interface Loader {
  _load(this: unknown, request: string, ...rest: unknown[]): unknown;
}

/** Earlier versions of Node: observes `require`; a later `import` is not observed. */
function wrapRequire(
  packages: readonly string[],
  take: (name: string, exported: unknown) => void,
): () => void {
  const loader = Module as unknown as Loader;
  const original = loader._load;
  const load: Loader['_load'] = function (request, ...rest) {
    const exported = Reflect.apply(original, this, [request, ...rest]);
    const name = typeof request === 'string' ? packageOf(packages, request) : undefined;
    if (name) take(name, exported);
    return exported;
  };
  loader._load = load;
  return () => {
    if (loader._load === load) loader._load = original;
  };
}
