import { randomBytes } from 'node:crypto';
import { getRequestListener } from '@hono/node-server';
import { App } from '@supabase/lite';
import { createPgliteConnection } from '@supabase/lite/pglite';
import { createPostgresConnection } from '@supabase/lite/postgres';
import pg from 'pg';
import { DATABASE_SCHEMA } from '../wire/protocol.ts';
import { type Listening, listen } from './listen.ts';
import { applyMigrations, migrate } from './migrate.ts';

/** The opaque keys that supabase-js presents. */
export interface ApiKeys {
  /** For browsers and signed-in users; role `anon` until they sign in. */
  publishable: string;
  /** For servers; role `service_role`, beyond row-level security. */
  secret: string;
}

export interface SurfaceOptions {
  /** A Postgres to use; null for the embedded one. */
  databaseUrl: string | null;
  /** Folder of the embedded database; null keeps it in memory. */
  dataFolder: string | null;
  /** 0 for any free port. */
  port: number;
  keys: ApiKeys;
}

/** The Supabase surface over a migrated database. */
export interface Surface extends Listening {
  keys: ApiKeys;
  /** One query with positional parameters, as the database's owner. */
  query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** A pair of fresh keys. */
export function mintKeys(): ApiKeys {
  const random = () => randomBytes(24).toString('base64url');
  return { publishable: `sb_publishable_${random()}`, secret: `sb_secret_${random()}` };
}

/**
 * Serves what hosted Supabase serves, PostgREST's and Auth's routes, from PGlite in this process or
 * from a Postgres, after migrating it.
 *
 * For development and tests: `@supabase/lite` is alpha software and no production path.
 *
 * @throws SettingsError when the port is taken; whatever the database says when it cannot be reached
 */
export async function startSurface(options: SurfaceOptions): Promise<Surface> {
  const database = options.databaseUrl
    ? await openPostgres(options.databaseUrl)
    : await openPglite(options.dataFolder);
  const app = new App({
    connection: database.connection,
    api: { schemas: ['public', DATABASE_SCHEMA] },
    auth: {
      enabled: true,
      jwt_secret: randomBytes(32).toString('hex'),
      publishable_key: options.keys.publishable,
      secret_key: options.keys.secret,
      enable_signup: true,
      email: { enable_confirmations: false },
    },
    options: { server: { disableStudio: true, admin: false } },
  });
  try {
    await app.ensureSystemSchema();
    await database.migrate();
    await app.init();
    // The surface grants its roles what they need at the first request. Two first requests at the same time
    // would do so twice, and one of them fail.
    const { secret } = options.keys;
    const first = new Request('http://surface/rest/v1/projects?select=id&limit=1', {
      headers: {
        apikey: secret,
        authorization: `Bearer ${secret}`,
        'accept-profile': DATABASE_SCHEMA,
      },
    });
    await app.fetch(first);
    const listener = getRequestListener((request) => app.fetch(request));
    const server = await listen(listener, options.port, '--supabase-port');
    return {
      url: server.url,
      keys: options.keys,
      query: database.query,
      close: async () => {
        await server.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openPglite(dataFolder: string | null) {
  const connection = await createPgliteConnection(dataFolder ? { url: dataFolder } : {});
  const { driver } = connection;
  return {
    connection,
    migrate: () =>
      applyMigrations({
        exec: (sql) => driver.exec(sql),
        column: async (sql) =>
          (await driver.query<string[]>(sql, [], { rowMode: 'array' })).rows.flat(),
      }),
    query: async <Row>(sql: string, values: readonly unknown[] = []) =>
      (await driver.query<Row>(sql, [...values])).rows,
    close: () => connection.close(),
  };
}

async function openPostgres(databaseUrl: string) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  const connection = createPostgresConnection({
    url: databaseUrl,
    postgresOptions: {
      max: 10,
      onnotice: () => {},
      types: { json: asJson(114), jsonb: asJson(3802) },
    },
  });
  return {
    connection,
    migrate: () => migrate(databaseUrl),
    query: async <Row>(sql: string, values: readonly unknown[] = []) =>
      (await pool.query(sql, [...values])).rows as Row[],
    close: async () => {
      await connection.close();
      await pool.end();
    },
  };
}

/**
 * The surface hands over objects and arrays as JSON text already, other JSON values as they are;
 * encoding the former again would store a string.
 */
function asJson(oid: number) {
  return {
    to: oid,
    from: [oid],
    serialize: (value: unknown) =>
      typeof value === 'string' && /^[{[]/.test(value) ? value : JSON.stringify(value),
    parse: (text: string) => JSON.parse(text),
  };
}
