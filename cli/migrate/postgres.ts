/** A Postgres server as a {@link MigrationDatabase}. */
import pg from 'pg';
import { CliError } from '../shell/errors.ts';
import { explain, isRefusedEncryption } from './connection-errors.ts';
import type { MigrationDatabase, Row, RunSql } from './database.ts';
import { connectionUrls } from './target.ts';

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
 * @throws CliError here when the URL is invalid or the server cannot be reached, and from each
 * transaction that fails
 */
export async function connectPostgres(url: string): Promise<MigrationConnection> {
  const client = await connect(connectionUrls(url));
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
        throw explain(error, client);
      }
    },
    close: () => client.end(),
  };
}

/** Connects to the first of the URLs; the next one is for a server that refuses its kind of encryption. */
async function connect([url = '', ...others]: readonly string[]): Promise<pg.Client> {
  const client = createClient(url);
  try {
    await client.connect();
    return client;
  } catch (error) {
    if (others.length === 0 || !isRefusedEncryption(error)) throw explain(error, client);
    return connect(others);
  }
}

function createClient(url: string): pg.Client {
  try {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MILLIS,
      application_name: 'agensight migrate',
    });
    // A lost connection also fails the current query, or the next one.
    client.on('error', () => {});
    return client;
  } catch (cause) {
    throw new CliError(`cannot use the database URL: ${(cause as Error).message}`, {
      code: 'AGENSIGHT_CLI_SETTING_INVALID',
      hint: 'Check the database URL; encode special characters of user and password (@ as %40).',
      cause,
    });
  }
}

/** For several statements the driver returns a list of results. */
const lastRows = (result: pg.QueryResult | pg.QueryResult[]): readonly Row[] =>
  (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];
