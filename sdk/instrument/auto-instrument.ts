/**
 * Auto-instrumentation: patches the classes of provider packages, in copies that are loaded (by
 * `require` or `import`) and in copies that are loaded later. It never loads a package itself. The
 * build bundles this module into a separate file.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AutoInstrument } from './auto.ts';
import { watchLoads } from './load-hooks.ts';
import { loadedScripts } from './loaded-scripts.ts';
import { PROVIDERS, type Provider, patchPackage, type Undo } from './providers.ts';

/** Receives the exports of a package. */
type Take = (name: string, exported: unknown) => void;

const require = createRequire(import.meta.url);

/** The path of this file; in the CommonJS build, `import.meta.url` is a path. */
const HERE = import.meta.url.startsWith('file:') ? fileURLToPath(import.meta.url) : import.meta.url;

export const autoInstrument: AutoInstrument = (core, packages, onBundled) => {
  if (isBundled(new Error().stack)) {
    onBundled();
    return () => undefined;
  }
  const undos: Undo[] = [];
  const providers = PROVIDERS.filter(({ package: name }) => packages.some((one) => one === name));
  const take: Take = (name, exported) => {
    const provider = providers.find((one) => one.package === name);
    if (!provider || isUndone) return;
    try {
      undos.push(...patchPackage(core, provider, exported));
    } catch {
      // A package that cannot be patched is left unchanged.
    }
  };
  let isUndone = false;
  takeRequired(providers, take);
  if (providers.some(isInstalled)) takeImported(providers, take);
  undos.push(
    watchLoads(
      providers.map((provider) => provider.package),
      take,
    ),
  );
  return () => {
    isUndone = true;
    for (const undo of undos) undo();
  };
};

/** Takes the copies that were loaded by `require`. */
function takeRequired(providers: readonly Provider[], take: Take): void {
  for (const file of Object.keys(require.cache)) {
    const provider = providers.find(({ entry }) => entry.test(file));
    if (provider) take(provider.package, require.cache[file]?.exports);
  }
}

/** Takes the copies that were loaded by `import`, which are in the module cache. */
function takeImported(providers: readonly Provider[], take: Take): void {
  for (const url of loadedScripts()) {
    const provider = providers.find(({ entry }) => entry.test(url));
    if (!provider || !url.startsWith('file:')) continue;
    const file = fileURLToPath(url);
    if (require.cache[file]) continue;
    try {
      take(provider.package, require(file));
    } catch {
      // A module with top-level await can only be imported.
      import(url).then(
        (exported) => take(provider.package, exported),
        () => undefined,
      );
    }
  }
}

/** Whether a package can be resolved from the program; otherwise the loaded scripts are not listed. */
function isInstalled({ package: name }: Provider): boolean {
  const { argv } = process;
  return [argv[1] ?? '', join(process.cwd(), '-'), HERE].some((from) => {
    try {
      return createRequire(join(dirname(from), '-')).resolve(name) !== '';
    } catch {
      return false;
    }
  });
}

/**
 * Whether the caller is in another folder than this file. Some bundlers insert the path of the SDK at
 * build time, so that this file is found although the program runs from a bundle.
 */
function isBundled(stack: string | undefined): boolean {
  const [, , caller] = stack?.split('\n') ?? [];
  if (!caller) return false;
  // With `--enable-source-maps`, stacks have the paths of the sources.
  const isSource = /[\\/]sdk[\\/]instrument[\\/]auto\.ts\b/.test(caller);
  return !isSource && !decodeURI(caller).includes(dirname(HERE));
}
