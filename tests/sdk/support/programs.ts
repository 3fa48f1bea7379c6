/** Consumer programs: a folder with the built package installed; each program runs in a separate process. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { RecordLists } from '../../../wire/records.ts';
import { Edge } from './edge.ts';

const root = join(import.meta.dirname, '../../..');
const BUILT = /^(?:agensight|auto-instrument|spool|sqlite-exporter)\.c?js$/;

/** The result of a program: received records, output and warnings. */
export interface Run {
  readonly records: RecordLists;
  readonly output: string;
  readonly warnings: string;
}

export class Programs {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'agensight-program-'));

  /** Installs the built package and links others, from any folder of installed packages. */
  constructor(packages: readonly string[], from: string = join(root, 'node_modules')) {
    const modules = join(this.folder, 'node_modules');
    const own = join(modules, 'agensight');
    if (!existsSync(join(root, 'dist/agensight.js'))) throw new Error('first: npm run build');
    mkdirSync(join(own, 'dist'), { recursive: true });
    cpSync(join(root, 'package.json'), join(own, 'package.json'));
    for (const file of readdirSync(join(root, 'dist')).filter((name) => BUILT.test(name))) {
      cpSync(join(root, 'dist', file), join(own, 'dist', file));
    }
    for (const name of packages) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(from, name), join(modules, name));
    }
  }

  /** Writes a file of the program. */
  write(name: string, text: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  /** Links further packages, from any folder of installed packages. */
  link(packages: readonly string[], from: string): void {
    for (const name of packages) {
      symlinkSync(join(from, name), join(this.folder, 'node_modules', name));
    }
  }

  /** Runs a file with an endpoint that stores requests. */
  async run(
    file: string,
    environment: Record<string, string> = {},
    runtime: string = process.execPath,
  ): Promise<Run> {
    const edge = await new Edge().open();
    try {
      const { stdout, stderr } = await promisify(execFile)(runtime, [file], {
        cwd: this.folder,
        env: {
          PATH: process.env.PATH,
          AGENSIGHT_ENDPOINT: edge.url,
          AGENSIGHT_TOKEN: 'token',
          ...environment,
        },
        timeout: 60_000,
      });
      return { records: edge.records(), output: stdout, warnings: stderr };
    } finally {
      await edge.close();
    }
  }

  /** Bundles a file, but for the given packages. */
  async bundle(file: string, format: 'esm' | 'cjs', external: string[] = []): Promise<string> {
    const outfile = join(this.folder, `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`);
    await build({
      entryPoints: [file],
      outfile,
      format,
      external,
      bundle: true,
      platform: 'node',
      logLevel: 'error',
    });
    return outfile;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
