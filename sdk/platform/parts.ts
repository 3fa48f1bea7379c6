/**
 * Parts of the SDK that few programs use. Each is a file of its own in the built package, so that no
 * other program loads it.
 */
import { builtin } from './platform.ts';
import { VERSION } from './version.ts';

/** What each part exports besides its own names. */
interface Part {
  readonly VERSION: string;
}

/**
 * Loads a part: at once where its file is beside the file of the caller, as in an installed package.
 * Inside a bundle there is no such file, and a promise of the part is returned.
 *
 * @param here The `import.meta.url` of the caller.
 * @param name The name of the file beside it, without extension.
 * @param load Imports the same file, in a form that bundlers find.
 */
export function loadPart<T extends Part>(
  here: string,
  name: string,
  load: () => Promise<T>,
): T | Promise<T> {
  try {
    const file = `./${name}.${here.endsWith('.ts') ? 'ts' : 'cjs'}`;
    const part = builtin('node:module')?.createRequire(here)(file) as T | undefined;
    // Some bundlers insert the path of the SDK at build time; another version may be there by now.
    if (part?.VERSION === VERSION) return part;
  } catch {
    // Inside a bundle.
  }
  return load();
}
