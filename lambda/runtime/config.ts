/** Settings of the functions, read from the environment once. */

export interface Config {
  /** How the database is reached; null where a secret tells. */
  supabase: SupabaseAccess | null;
  /** The Secrets Manager secret with {@link SupabaseAccess}, by its ARN; null where the environment tells. */
  secretArn: string | null;
  /** Where batches wait while the database is away; null where they have nowhere to wait. */
  overflow: OverflowConfig | null;
  /** `DEBUG`, `INFO`, `WARN`, `ERROR` or `SILENT`. Default: `INFO`. */
  logLevel: LogLevel;
  /** How long one call of the database may take. Default: 10000 (10 seconds). */
  databaseTimeoutMillis: number;
  /** Namespace of the metrics in CloudWatch. Default: `Agensight`. */
  metricsNamespace: string;
  /** Version of the deployed code, shown by the health check. Default: `unknown`. */
  version: string;
}

export interface SupabaseAccess {
  url: string;
  /** A Supabase secret key (`sb_secret_...` or a service_role JWT): it may call ingest(). */
  secretKey: string;
}

export interface OverflowConfig {
  bucket: string;
  queueUrl: string;
  /** Known to drain and maintain alone. */
  deadLetterQueueUrl: string;
}

/** What Lambda puts into the environment for whoever signs a request to AWS. */
export interface AwsAccess {
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  /** Another endpoint than AWS's own, for an emulation; empty for AWS. */
  endpointUrl: string;
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
  const secretArn = environment.AGENSIGHT_SECRET_ARN?.trim() || null;
  return {
    supabase: secretArn ? null : readSupabaseAccess(environment, 'environment variable'),
    secretArn,
    overflow: overflowOf(environment),
    logLevel: oneOf(LOG_LEVELS, environment, 'AGENSIGHT_LOG_LEVEL', 'INFO'),
    databaseTimeoutMillis: wholeNumber(environment, 'AGENSIGHT_DATABASE_TIMEOUT_MILLIS', 10_000),
    metricsNamespace: environment.AGENSIGHT_METRICS_NAMESPACE?.trim() || 'Agensight',
    version: environment.AGENSIGHT_VERSION || 'unknown',
  };
}

/**
 * Address and key of the database, by the names that they have in an environment and in the secret.
 *
 * @param place what holds them, for the message
 * @throws ConfigError naming the one at fault
 */
export function readSupabaseAccess(values: Environment, place: string): SupabaseAccess {
  return {
    url: httpUrl(values, 'SUPABASE_URL', place),
    secretKey: required(values, 'SUPABASE_SECRET_KEY', place),
  };
}

/** Credentials and region of this function. Read each time: Lambda may renew them. */
export function readAwsAccess(environment: Environment = process.env): AwsAccess {
  return {
    region: environment.AWS_REGION ?? '',
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    sessionToken: environment.AWS_SESSION_TOKEN ?? '',
    endpointUrl: environment.AWS_ENDPOINT_URL ?? '',
  };
}

function overflowOf(environment: Environment): OverflowConfig | null {
  const bucket = environment.AGENSIGHT_OVERFLOW_BUCKET?.trim();
  if (!bucket) return null;
  return {
    bucket,
    queueUrl: required(environment, 'AGENSIGHT_OVERFLOW_QUEUE_URL', 'environment variable'),
    deadLetterQueueUrl: environment.AGENSIGHT_DEAD_LETTER_QUEUE_URL?.trim() ?? '',
  };
}

function required(values: Environment, name: string, place: string): string {
  const value = values[name]?.trim();
  if (!value) throw new ConfigError(`The ${place} ${name} is not set.`);
  return value;
}

function httpUrl(values: Environment, name: string, place: string): string {
  const value = required(values, name, place);
  const url = URL.parse(value);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new ConfigError(`The ${place} ${name} must be an http(s) address.`);
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
