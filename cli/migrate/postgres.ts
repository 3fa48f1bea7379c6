/** A Postgres server as a {@link MigrationDatabase}. */
import postgres from 'postgres';
import type { CliErrorCode } from '../../wire/errors.ts';
import { CliError } from '../shell/errors.ts';
import type { MigrationDatabase } from './database.ts';

const CONNECT_TIMEOUT_SECONDS = 15;

/** A connection for migrations, until `close`. */
export interface MigrationConnection extends MigrationDatabase {
  close(): Promise<void>;
}

/**
 * Opens a connection when the first transaction begins. Uses only the simple query protocol, which
 * every pooler supports.
 *
 * @param url `postgresql://user:password@host:5432/database`; `?sslmode=` as libpq has it
 * @throws CliError from each transaction when the server cannot be reached or refuses
 */
export function connectPostgres(url: string): MigrationConnection {
  const target = new URL(url);
  // Prisma's marker for poolers, which Supabase shows in its connection strings; not a parameter.
  target.searchParams.delete('pgbouncer');
  const sql = postgres(target.href, {
    max: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    onnotice: () => {},
    connection: { application_name: 'agensight migrate' },
  });
  return {
    transaction: async (work) => {
      try {
        // A constant type parameter of `begin` would turn arrays into unions.
        const result = await sql.begin((transaction) =>
          work(async (text) => lastRows(await transaction.unsafe(text))),
        );
        return result as Awaited<ReturnType<typeof work>>;
      } catch (error) {
        throw explain(error, target);
      }
    },
    close: () => sql.end({ timeout: 5 }),
  };
}

/** With several statements the driver returns a list of results. */
function lastRows(result: readonly unknown[]): readonly Record<string, unknown>[] {
  const isList = Array.isArray(result[0]) || Array.isArray(result.at(-1));
  return (isList ? result.at(-1) : result) as readonly Record<string, unknown>[];
}

const UNREACHABLE: readonly [CliErrorCode, string] = [
  'AGENSIGHT_CLI_UNREACHABLE',
  'Check host and port, the network, and whether the server accepts connections.',
];
const UNAUTHORIZED: readonly [CliErrorCode, string] = [
  'AGENSIGHT_CLI_UNAUTHORIZED',
  'Check user and password; encode special characters of the password in the URL (@ as %40).',
];

/** By the code of Node, of the driver, or of Postgres (SQLSTATE). */
const EXPLANATIONS: Readonly<Record<string, readonly [CliErrorCode, string]>> = {
  ECONNREFUSED: UNREACHABLE,
  ECONNRESET: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  CONNECT_TIMEOUT: UNREACHABLE,
  CONNECTION_CLOSED: UNREACHABLE,
  CONNECTION_DESTROYED: UNREACHABLE,
  '53300': UNREACHABLE,
  '57P01': UNREACHABLE,
  '57P03': UNREACHABLE,
  '28P01': UNAUTHORIZED,
  '28000': UNAUTHORIZED,
  '3D000': ['AGENSIGHT_CLI_NOT_FOUND', 'Create the database, or correct the URL.'],
  '42501': ['AGENSIGHT_CLI_UNAUTHORIZED', 'Connect as a user with the privilege.'],
};

function explain(error: unknown, { host, pathname }: URL): unknown {
  if (error instanceof CliError && !(error.cause instanceof Error)) return error;
  const cause = error instanceof CliError ? error.cause : error;
  const { code, message } = cause as { code?: unknown; message?: string };
  const [errorCode, hint] = EXPLANATIONS[String(code)] ?? [];
  if (error instanceof CliError) {
    return errorCode
      ? new CliError(error.message, { code: errorCode, hint: hint ?? '', cause })
      : error;
  }
  if (typeof code !== 'string') return error;
  return new CliError(`cannot use the database ${pathname.slice(1)} at ${host}: ${message}`, {
    code: errorCode ?? 'AGENSIGHT_CLI_REJECTED',
    hint: hint ?? '',
    cause: error,
  });
}
