import type { TestProject } from 'vitest/node';
import { type PostgresVersion, startPostgres } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresServers: readonly { version: PostgresVersion; url: string }[];
  }
}

/** Starts the real Postgres servers once for the whole run and hands their addresses to the tests. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = await Promise.all([startPostgres(15), startPostgres(18)]);
  project.provide(
    'postgresServers',
    servers.map(({ version, url }) => ({ version, url })),
  );
  return async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
}
