/** A Postgres server as a {@link MigrationDatabase}. */
import pg from 'pg';
import type { CliErrorCode } from '../../wire/errors.ts';
import { CliError } from '../shell/errors.ts';
import type { MigrationDatabase, Row, RunSql } from './database.ts';

const CONNECT_TIMEOUT_MILLIS = 15_000;

/** A connection for migrations, until `close`. */
export interface MigrationConnection extends MigrationDatabase {
  close(): Promise<void>;
}

/**
 * Connects to a server. Queries without parameters use the simple query protocol, which every pooler
 * supports.
 *
 * @param url `postgresql://user:password@host:5432/database`, with `?sslmode=` as in libpq
 * @throws CliError here when the server cannot be reached, and from each transaction that fails
 */
export async function connectPostgres(url: string): Promise<MigrationConnection> {
  const target = new URL(url);
  // Prisma's marker for poolers, which Supabase shows in its connection strings; not a parameter.
  target.searchParams.delete('pgbouncer');
  // Without it the driver verifies certificates even with sslmode=require.
  if (target.searchParams.has('sslmode')) target.searchParams.set('uselibpqcompat', 'true');
  const client = new pg.Client({
    connectionString: target.href,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MILLIS,
    application_name: 'agensight migrate',
  });
  // A lost connection also fails the current query, or the next one.
  client.on('error', () => {});
  await client.connect().catch((error: unknown) => {
    throw explain(error, target);
  });
  const run: RunSql = async (sql) => lastRows(await client.query(sql));
  return {
    transaction: async (work) => {
      try {
        await run('begin');
        const result = await work(run);
        await run('commit');
        return result;
      } catch (error) {
        // Fails on a lost connection, whose transaction the server rolls back.
        await run('rollback').catch(() => {});
        throw explain(error, target);
      }
    },
    close: () => client.end(),
  };
}

/** For several statements the driver returns a list of results. */
const lastRows = (result: pg.QueryResult | pg.QueryResult[]): readonly Row[] =>
  (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];

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
  EPIPE: UNREACHABLE,
  '53300': UNREACHABLE,
  '57P01': UNREACHABLE,
  '57P03': UNREACHABLE,
  '28P01': UNAUTHORIZED,
  '28000': UNAUTHORIZED,
  '3D000': ['AGENSIGHT_CLI_NOT_FOUND', 'Create the database, or correct the URL.'],
  '42501': ['AGENSIGHT_CLI_UNAUTHORIZED', 'Connect as a user with the privilege.'],
};

/** Messages of the driver for errors without a code. */
const CONNECTION_LOST = /Connection terminated|timeout expired|not queryable/;

/** Turns an error of the driver, also as the cause of a failed migration, into one with a hint. */
function explain(error: unknown, { host, pathname }: URL): unknown {
  const cause = error instanceof CliError ? error.cause : error;
  if (!(cause instanceof Error)) return error;
  const code = String((cause as { code?: unknown }).code);
  const [errorCode, hint = ''] =
    EXPLANATIONS[code] ?? (CONNECTION_LOST.test(cause.message) ? UNREACHABLE : []);
  if (error instanceof CliError) {
    return errorCode ? new CliError(error.message, { code: errorCode, hint, cause }) : error;
  }
  if (errorCode === undefined && !(cause instanceof pg.DatabaseError)) return error;
  // Node reports several addresses of a host as one error without a message.
  const reason = cause.message || code;
  return new CliError(`cannot use the database ${pathname.slice(1)} at ${host}: ${reason}`, {
    code: errorCode ?? 'AGENSIGHT_CLI_REJECTED',
    hint,
    cause,
  });
}
