import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The entry of the sources, which Node runs without a build. */
export const SOURCES: string = join(ROOT, 'cli/main.ts');

/**
 * The sources bundled into one file, which starts in a quarter of the time. It is inside node_modules
 * so that Node resolves the external packages.
 */
const BUNDLE = join(ROOT, `node_modules/.cache/agensight/cli-${process.pid}.mjs`);

await build({
  entryPoints: [SOURCES],
  outfile: BUNDLE,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
});
process.once('exit', () => rmSync(BUNDLE, { force: true }));

export interface CliRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  /** The whole environment except PATH. */
  env?: Record<string, string>;
  /** Default: an empty folder. */
  cwd?: string;
  input?: string;
  /** Flags of Node. */
  nodeFlags?: string[];
  /** Default: a bundle of the sources. */
  file?: string;
}

/** A new folder, without `.agensight`. */
export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'agensight-cli-'));

/** Starts `agensight` as a process. */
export function startCli(args: readonly string[], options: CliOptions = {}): ChildProcess {
  const { env = {}, cwd = emptyFolder(), nodeFlags = [], file = BUNDLE } = options;
  return spawn(process.execPath, [...nodeFlags, file, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: 'pipe',
  });
}

/** Runs `agensight` until it exits. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const child = startCli(args, options);
  const run: CliRun = { code: null, stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    run.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    run.stderr += text;
  });
  child.stdin?.end(options.input ?? '');
  [run.code] = (await once(child, 'close')) as [number | null];
  return run;
}
