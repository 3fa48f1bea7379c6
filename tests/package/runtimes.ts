/** The runtimes on which the package must work, besides the Node of this project. */
import { join } from 'node:path';
import { install } from '../support/install.ts';
import lock from './runtimes/package.json' with { type: 'json' };

export const MODULES: string = join(import.meta.dirname, 'runtimes/node_modules');
const { platform, arch } = process;
const LIBC = platform === 'linux' ? '-glibc' : '';

/** Executables by name; those that have none for this platform are undefined. */
export const RUNTIMES = {
  'Node 24': process.execPath,
  'Node 22': published(`node-${platform}-${arch}`, 'bin/node'),
  'Node 26': published(`node26-${platform}-${arch}`, 'bin/node'),
  Bun: published(`@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}`, 'bin/bun'),
  Deno: published(`@deno/${platform}-${arch}${LIBC}`, 'deno'),
} as const;

/** Arguments of the executable before the file of the program. */
export const argumentsOf = (executable: string): string[] =>
  executable === RUNTIMES.Deno ? ['run', '--no-prompt', '--allow-all'] : [];

function published(name: string, file: string): string | undefined {
  return name in lock.optionalDependencies ? join(MODULES, name, file) : undefined;
}

/** Versions of `undici` from npm, which programs use beside that of Node. */
export const UNDICI = ['undici-6', 'undici-7', 'undici-8'] as const;

/** Installs the runtimes where they are missing or differ from the lockfile. */
export const installRuntimes = (): Promise<void> =>
  install(new URL('./runtimes/', import.meta.url));
