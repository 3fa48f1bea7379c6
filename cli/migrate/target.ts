/** The database URL, with the meaning that libpq gives to the parameters of TLS. */
import { accessSync, constants } from 'node:fs';
import { CliError } from '../shell/errors.ts';

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** Parameters that name a file. */
const SSL_FILES = ['sslrootcert', 'sslcert', 'sslkey'];

/**
 * The URLs to try, in order: one, or two for `sslmode=prefer` (TLS, then without) and
 * `sslmode=allow` (the reverse). The driver itself never tries a second time.
 *
 * @throws CliError when a parameter is invalid, or names a file that cannot be read
 */
export function connectionUrls(url: string): string[] {
  const target = parse(url);
  const parameters = target.searchParams;
  // Prisma's marker for poolers, which Supabase shows in its connection strings; not a parameter.
  parameters.delete('pgbouncer');
  if (parameters.get('sslrootcert') === 'system') {
    parameters.delete('sslrootcert');
    parameters.set('sslmode', 'verify-full');
  }
  const mode = parameters.get('sslmode');
  if (mode === null) {
    checkFiles(parameters);
    return [target.href];
  }
  if (!SSL_MODES.includes(mode)) {
    throw invalid(`sslmode "${mode}" is unknown`, `Use one of ${SSL_MODES.join(', ')}.`);
  }
  if (mode === 'verify-ca' && !parameters.get('sslrootcert')) {
    throw invalid(
      'sslmode=verify-ca needs a certificate of the CA',
      'Add sslrootcert=FILE, or use sslmode=verify-full for a public CA.',
    );
  }
  if (mode !== 'disable') checkFiles(parameters);
  // Without it the driver verifies certificates even with sslmode=require.
  parameters.set('uselibpqcompat', 'true');
  if (mode === 'prefer') return [target.href, withoutTls(target)];
  if (mode === 'disable') return [withoutTls(target)];
  if (mode !== 'allow') return [target.href];
  parameters.set('sslmode', 'prefer');
  return [withoutTls(target), target.href];
}

function parse(url: string): URL {
  try {
    return new URL(url);
  } catch (cause) {
    throw invalid(
      'the database URL is not a URL',
      'Use postgresql://user:password@host:5432/database.',
      { cause },
    );
  }
}

function withoutTls(target: URL): string {
  const plain = new URL(target);
  for (const name of SSL_FILES) plain.searchParams.delete(name);
  plain.searchParams.set('sslmode', 'disable');
  return plain.href;
}

function checkFiles(parameters: URLSearchParams): void {
  for (const name of SSL_FILES) {
    const file = parameters.get(name);
    if (!file) continue;
    try {
      accessSync(file, constants.R_OK);
    } catch (cause) {
      throw new CliError(`cannot read the ${name} ${file}: ${(cause as Error).message}`, {
        code: 'AGENSIGHT_CLI_FILE',
        hint: 'Check the path in the database URL, and its permissions.',
        cause,
      });
    }
  }
}

const invalid = (message: string, hint: string, options: ErrorOptions = {}): CliError =>
  new CliError(message, { code: 'AGENSIGHT_CLI_SETTING_INVALID', hint, ...options });
