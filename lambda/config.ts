/** Settings of the Lambda, read from the environment once. */

export interface Config {
  supabaseUrl: string;
  /** A Supabase secret key (`sb_secret_...` or a service_role JWT): it may call ingest(). */
  supabaseSecretKey: string;
  /** `DEBUG`, `INFO`, `WARN`, `ERROR` or `SILENT`. Default: `INFO`. */
  logLevel: LogLevel;
  /** How long one call of the database may take. Default: 10000 (10 seconds). */
  databaseTimeoutMillis: number;
  /** Version of the deployed code, shown by the health check. Default: `unknown`. */
  version: string;
}

const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'SILENT'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** A setting that is missing or makes no sense. The message names the variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings.
 *
 * @throws ConfigError naming the variable at fault
 */
export function readConfig(environment: Environment = process.env): Config {
  return {
    supabaseUrl: httpUrl(environment, 'SUPABASE_URL'),
    supabaseSecretKey: required(environment, 'SUPABASE_SECRET_KEY'),
    logLevel: oneOf(LOG_LEVELS, environment, 'AGENSIGHT_LOG_LEVEL', 'INFO'),
    databaseTimeoutMillis: wholeNumber(environment, 'AGENSIGHT_DATABASE_TIMEOUT_MILLIS', 10_000),
    version: environment.AGENSIGHT_VERSION || 'unknown',
  };
}

function required(environment: Environment, name: string): string {
  const value = environment[name]?.trim();
  if (!value) throw new ConfigError(`The environment variable ${name} is not set.`);
  return value;
}

function httpUrl(environment: Environment, name: string): string {
  const value = required(environment, name);
  const url = URL.parse(value);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new ConfigError(`The environment variable ${name} must be an http(s) address.`);
  }
  return value;
}

function wholeNumber(environment: Environment, name: string, fallback: number): number {
  const value = environment[name]?.trim();
  if (!value) return fallback;
  if (!/^[1-9]\d{0,8}$/.test(value)) {
    throw new ConfigError(`The environment variable ${name} must be a whole number above 0.`);
  }
  return Number(value);
}

function oneOf<T extends string>(
  words: readonly T[],
  environment: Environment,
  name: string,
  fallback: T,
): T {
  const value = environment[name]?.trim().toUpperCase();
  if (!value) return fallback;
  const word = words.find((known) => known === value);
  if (!word) {
    throw new ConfigError(`The environment variable ${name} must be one of ${words.join(', ')}.`);
  }
  return word;
}
