/** The runtimes on which the package must work, besides the Node of this project. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import lock from './runtimes/package.json' with { type: 'json' };

const FOLDER = join(import.meta.dirname, 'runtimes');
export const MODULES: string = join(FOLDER, 'node_modules');
const { platform, arch } = process;

/** Executables by name; those that have none for this platform are undefined. */
export const RUNTIMES = {
  'Node 24': process.execPath,
  'Node 22': published(`node-${platform}-${arch}`, 'node'),
  'Node 26': published(`node26-${platform}-${arch}`, 'node'),
  Bun: published(`@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}`, 'bun'),
} as const;

function published(name: string, command: string): string | undefined {
  const { optionalDependencies } = lock;
  return name in optionalDependencies ? join(MODULES, name, 'bin', command) : undefined;
}

/** Versions of `undici` from npm, which programs use beside that of Node. */
export const UNDICI = ['undici-6', 'undici-7', 'undici-8'] as const;

/** Installs the runtimes where they are missing. Their install scripts do not run. */
export async function installRuntimes(): Promise<void> {
  const wanted = Object.values(RUNTIMES).filter((file) => file !== undefined);
  const all = [...wanted, ...UNDICI.map((name) => join(MODULES, name))];
  if (all.every((file) => existsSync(file))) return;
  const args = ['ci', '--ignore-scripts', '--include=optional', '--no-audit', '--no-fund'];
  await promisify(execFile)('npm', args, { cwd: FOLDER });
}
