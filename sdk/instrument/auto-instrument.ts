/**
 * Records the calls of provider packages that nobody wrapped by hand, by patching their classes: in
 * copies that are loaded, whether by `require` or by `import`, and in copies that will be. A package
 * that the program does not use is not loaded. The build makes a file of its own of this module.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AutoInstrument } from './auto.ts';
import { watchLoads } from './load-hooks.ts';
import { loadedScripts } from './loaded-scripts.ts';
import { PROVIDERS, type Provider, patchPackage, type Undo } from './providers.ts';

/** Takes the exports of a package by its name. */
type Take = (name: string, exported: unknown) => void;

const require = createRequire(import.meta.url);

/** This file; the build makes CommonJS of it, where the URL is a path. */
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
      // A package that cannot be patched works as it did.
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

/** Copies that were loaded by `require`. */
function takeRequired(providers: readonly Provider[], take: Take): void {
  for (const file of Object.keys(require.cache)) {
    const provider = providers.find(({ entry }) => entry.test(file));
    if (provider) take(provider.package, require.cache[file]?.exports);
  }
}

/** Copies that were loaded by `import`: asked for again, they are handed out as they are. */
function takeImported(providers: readonly Provider[], take: Take): void {
  for (const url of loadedScripts()) {
    const provider = providers.find(({ entry }) => entry.test(url));
    if (!provider || !url.startsWith('file:')) continue;
    const file = fileURLToPath(url);
    if (require.cache[file]) continue;
    try {
      take(provider.package, require(file));
    } catch {
      // It waits for something while it is evaluated, and can be had when that is done.
      import(url).then(
        (exported) => take(provider.package, exported),
        () => undefined,
      );
    }
  }
}

/** Whether a package is somewhere near the program: only then it is worth looking at what is loaded. */
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
 * Whether our caller stands in another file than beside this one. Some bundlers write down where the
 * SDK was when they found it, so that this file is found although the program does not run from there.
 */
function isBundled(stack: string | undefined): boolean {
  const [, , caller] = stack?.split('\n') ?? [];
  if (!caller) return false;
  // With `--enable-source-maps` a stack names the sources.
  return !/[\\/]sdk[\\/]auto\.ts\b/.test(caller) && !decodeURI(caller).includes(dirname(HERE));
}
