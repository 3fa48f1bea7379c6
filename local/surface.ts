import { randomBytes } from 'node:crypto';
import { getRequestListener } from '@hono/node-server';
import { App } from '@supabase/lite';
import { createPgliteConnection } from '@supabase/lite/pglite';
import { createPostgresConnection } from '@supabase/lite/postgres';
import pg from 'pg';
import { CliError } from '../cli/shell/errors.ts';
import { DATABASE_SCHEMA } from '../wire/protocol.ts';
import { type Listening, listen } from './listen.ts';
import { migrate, migrateLocal } from './migrate.ts';
import { SettingsError } from './settings.ts';

/** The API keys that supabase-js sends. */
export interface ApiKeys {
  /** For browsers and signed-in users: role `anon` until they sign in. */
  publishable: string;
  /** For servers: role `service_role`, which bypasses row-level security. */
  secret: string;
}

export interface SurfaceOptions {
  /** URL of a Postgres server; null for the embedded database. */
  databaseUrl: string | null;
  /** Folder of the embedded database; null keeps it in memory. */
  dataFolder: string | null;
  /** 0 for any free port. */
  port: number;
  keys: ApiKeys;
}

/** The Supabase API of a migrated database. */
export interface Surface extends Listening {
  keys: ApiKeys;
  /** Runs a query with positional parameters as the owner of the database. */
  query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** New random keys. */
export function mintKeys(): ApiKeys {
  const random = () => randomBytes(24).toString('base64url');
  return { publishable: `sb_publishable_${random()}`, secret: `sb_secret_${random()}` };
}

/**
 * Serves the routes of PostgREST and Supabase Auth for PGlite in this process or for a Postgres server,
 * after migrating the database.
 *
 * For development and tests only: `@supabase/lite` is alpha software.
 *
 * @throws SettingsError when the port is in use, or the error of the database
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
    // The first request grants privileges to the API roles; two concurrent first requests would collide.
    const { secret } = options.keys;
    const first = new Request('http://local/rest/v1/projects?select=id&limit=1', {
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
      migrateLocal({
        transaction: (work) =>
          driver.transaction((transaction) =>
            work(async (sql) => (await transaction.exec(sql)).at(-1)?.rows ?? []),
          ),
      }).catch((error: unknown) => {
        throw explainOtherVersion(error, dataFolder);
      }),
    query: async <Row>(sql: string, values: readonly unknown[] = []) =>
      (await driver.query<Row>(sql, [...values])).rows,
    close: () => connection.close(),
  };
}

/** The embedded database may have the migrations of another checkout; its data is not precious. */
function explainOtherVersion(error: unknown, dataFolder: string | null): unknown {
  if (!(error instanceof CliError) || dataFolder === null) return error;
  return new SettingsError(
    `${error.message}\nDelete ${dataFolder} to start with an empty database.`,
    { cause: error },
  );
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
 * @supabase/lite passes objects and arrays as JSON text, and other JSON values unencoded. Encoding the
 * text again would store a string.
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
