import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import type { CliErrorCode } from '../wire/errors.ts';

/** The settings of the local stack. */
export interface Settings {
  /** Print the rows of the demo and exit, instead of serving until Ctrl-C. Default: false. */
  once: boolean;
  /** Port of the ingest endpoint on 127.0.0.1. Default: 4318, the default of OpenTelemetry. */
  port: number;
  /** Port of the Supabase API on 127.0.0.1. Default: 54321, as with `supabase start`. */
  supabasePort: number;
  /** A Postgres to use instead of the embedded one. */
  databaseUrl: string | null;
  /** Folder of the embedded database and `local.env`. Default: `.agensight`. */
  folder: string;
}

export const USAGE = `Usage: npm start -- [options]      (npm run demo adds --once)

  --once                 send the demo, print its rows, exit
  --port N               port of the ingest endpoint      (AGENSIGHT_PORT, default 4318)
  --supabase-port N      port of the Supabase API         (SUPABASE_PORT, default 54321)
  --database-url URL     Postgres to use                  (DATABASE_URL, default: embedded)
  --folder DIR           database and local.env           (AGENSIGHT_FOLDER, default .agensight)
`;

/** The command line or the environment of the local stack is invalid; the message is for the user. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'AGENSIGHT_CLI_SETTING_INVALID' satisfies CliErrorCode;
}

const port = z.pipe(
  z.transform((value) => Number(value)),
  z.int().check(z.minimum(0), z.maximum(65_535)),
);

const Schema = z.object({
  port,
  supabasePort: port,
  databaseUrl: z.nullable(z.url({ protocol: /^postgres(ql)?$/ })),
  folder: z.string(),
});

type Name = keyof z.infer<typeof Schema>;

const MESSAGES: Readonly<Record<Name, string>> = {
  port: '--port (AGENSIGHT_PORT) must be a port from 0 to 65535, 0 for any free port.',
  supabasePort:
    '--supabase-port (SUPABASE_PORT) must be a port from 0 to 65535, 0 for any free port.',
  databaseUrl:
    '--database-url (DATABASE_URL) must be a URL such as postgres://user:password@host:5432/name.',
  folder: '--folder (AGENSIGHT_FOLDER) must be a path.',
};

/**
 * Settings from the command line, then the environment, then the defaults.
 *
 * @throws SettingsError that lists every invalid setting, or for an unknown option
 */
export function readSettings(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  const options = parse(args);
  // An empty value counts as absent.
  const { data, error } = Schema.safeParse({
    port: options.port || environment.AGENSIGHT_PORT || 4318,
    supabasePort: options['supabase-port'] || environment.SUPABASE_PORT || 54_321,
    databaseUrl: (options['database-url'] ?? environment.DATABASE_URL) || null,
    folder: options.folder || environment.AGENSIGHT_FOLDER || '.agensight',
  });
  if (error) {
    const names = new Set(error.issues.map(({ path }) => path[0] as Name));
    const lines = [...names].map((name) => MESSAGES[name]);
    throw new SettingsError(lines.join('\n'), { cause: error });
  }
  return { once: options.once ?? false, ...data };
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
