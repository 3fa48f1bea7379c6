/** The migrations that the package contains. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../shell/errors.ts';

export interface Migration {
  /** Fourteen digits, the time of its creation. Unique. */
  readonly version: string;
  readonly name: string;
  /** SHA-256 of the text in hexadecimal, with line feeds as line ends. */
  readonly checksum: string;
  readonly sql: string;
}

/** Relative to `dist/cli.js` in the package, and to this file in a checkout. */
const FOLDERS = ['../migrations', '../../migrations'];

const FILE_NAME = /^(\d{14})_(\w+)\.sql$/;

/**
 * The folder `migrations` of this package.
 *
 * @throws CliError when the package is incomplete
 */
export function migrationsFolder(): string {
  const folder = FOLDERS.map((path) => join(import.meta.dirname, path)).find((path) =>
    existsSync(path),
  );
  if (folder) return folder;
  throw new CliError('the package does not contain its migrations', {
    code: 'AGENSIGHT_CLI_FILE',
    hint: 'Install agensight again.',
  });
}

/**
 * Reads the migrations, ordered by version.
 *
 * @param folder default: that of this package
 * @throws CliError when the folder or a file cannot be read
 */
export async function readMigrations(folder = migrationsFolder()): Promise<Migration[]> {
  try {
    const files = (await readdir(folder)).filter((file) => FILE_NAME.test(file)).sort();
    return await Promise.all(files.map((file) => readMigration(folder, file)));
  } catch (cause) {
    throw new CliError(`cannot read the migrations: ${(cause as Error).message}`, {
      code: 'AGENSIGHT_CLI_FILE',
      hint: 'Check the permissions of the folder, or install agensight again.',
      cause,
    });
  }
}

async function readMigration(folder: string, file: string): Promise<Migration> {
  const [, version = '', name = ''] = FILE_NAME.exec(file) ?? [];
  // A checkout on Windows may have other line ends.
  const sql = (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n');
  return { version, name, checksum: createHash('sha256').update(sql).digest('hex'), sql };
}
