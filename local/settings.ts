import { parseArgs } from 'node:util';

/** What the local stack is asked to do. */
export interface Settings {
  /** Print the demo's rows and exit, instead of serving until Ctrl-C. Default: false. */
  once: boolean;
  /** Port of the ingest endpoint on 127.0.0.1. Default: 4318, where OpenTelemetry clients look. */
  port: number;
  /** Port of the Supabase surface on 127.0.0.1. Default: 54321, where `supabase start` has it. */
  supabasePort: number;
  /** A Postgres to use instead of the embedded one. */
  databaseUrl: string | null;
  /** Where the embedded database and `local.env` live. Default: `.agensight`. */
  folder: string;
}

export const USAGE = `Usage: npm start -- [options]      (npm run demo adds --once)

  --once                 send the demo, print its rows, exit
  --port N               port of the ingest endpoint      (AGENSIGHT_PORT, default 4318)
  --supabase-port N      port of the Supabase surface     (SUPABASE_PORT, default 54321)
  --database-url URL     use this Postgres                (DATABASE_URL, default: embedded)
  --folder DIR           database and local.env           (AGENSIGHT_FOLDER, default .agensight)
`;

/** A setting that cannot be used; the message says which and what to do. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

/**
 * Settings from the command line, then the environment, then the defaults.
 *
 * @throws SettingsError for an unknown option, a port that is no port or a URL that is not Postgres
 */
export function readSettings(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  const options = parse(args);
  const databaseUrl = options['database-url'] ?? environment.DATABASE_URL ?? null;
  if (databaseUrl && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new SettingsError('DATABASE_URL must look like postgres://user:password@host:5432/name.');
  }
  return {
    once: options.once ?? false,
    port: readPort('--port (AGENSIGHT_PORT)', options.port ?? environment.AGENSIGHT_PORT, 4318),
    supabasePort: readPort(
      '--supabase-port (SUPABASE_PORT)',
      options['supabase-port'] ?? environment.SUPABASE_PORT,
      54_321,
    ),
    databaseUrl: databaseUrl || null,
    folder: options.folder ?? environment.AGENSIGHT_FOLDER ?? '.agensight',
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean' },
        port: { type: 'string' },
        'supabase-port': { type: 'string' },
        'database-url': { type: 'string' },
        folder: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new SettingsError(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}

function readPort(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new SettingsError(`${name} must be a port from 0 to 65535, 0 for any free one.`);
  }
  return port;
}
