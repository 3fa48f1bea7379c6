/** The project's linter and its settings, run on files that a test writes. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);
const BIOME = fileURLToPath(new URL('node_modules/.bin/biome', ROOT));

/** One finding of the linter. */
export interface Finding {
  file: string;
  /** From 1. */
  line: number;
  /** `lint/style/noRestrictedImports` */
  rule: string;
  message: string;
}

/**
 * What the linter finds under the project's own settings.
 *
 * @param files paths from the root of the repository, with their content
 */
export async function lint(files: Readonly<Record<string, string>>): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'agensight-walls-'));
  for (const name of ['biome.json', 'biome.walls.json', 'package.json']) {
    await copyFile(new URL(name, ROOT), join(folder, name));
  }
  for (const [file, code] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), code);
  }
  const output = await run(['lint', '--reporter=github', '--max-diagnostics=none', '.'], folder);
  const findings = [...output.matchAll(FINDING)].map(([, rule, file, line, message]) => ({
    file: String(file),
    line: Number(line),
    rule: String(rule),
    message: String(message),
  }));
  return findings;
}

const FINDING = /^::\w+ title=([^,]+),file=([^,]+),line=(\d+),[^:]*::(.*)$/gm;

function run(args: readonly string[], folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(BIOME, args, { cwd: folder, maxBuffer: 64_000_000 }, (error, stdout, stderr) => {
      // The linter ends with 1 when it finds something.
      if (error && error.code !== 1) reject(new Error(stderr, { cause: error }));
      else resolve(stdout);
    });
  });
}
