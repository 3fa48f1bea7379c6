/** Settings of the functions, read from the environment once. */
import * as z from 'zod/mini';
import type { ConfigErrorCode } from '../../wire/errors.ts';
import { DEFAULT_METRICS_NAMESPACE } from '../../wire/operations.ts';

export interface Config {
  /** How the database is reached; null when a secret says so. */
  supabase: SupabaseAccess | null;
  /** ARN of the Secrets Manager secret with {@link SupabaseAccess}; null when the environment has it. */
  secretArn: string | null;
  /** Where batches wait while the database is unavailable; null without an overflow. */
  overflow: OverflowConfig | null;
  /** `DEBUG`, `INFO`, `WARN`, `ERROR` or `SILENT`. Default: `INFO`. */
  logLevel: LogLevel;
  /** Timeout of one database call. Default: 10000 (10 seconds). */
  databaseTimeoutMillis: number;
  /** CloudWatch namespace of the metrics. Default: `Agensight`. */
  metricsNamespace: string;
  /** Version of the deployed code, reported by the health check. Default: `unknown`. */
  version: string;
}

export interface SupabaseAccess {
  url: string;
  /** A Supabase secret key (`sb_secret_...` or a service_role JWT), which may call `ingest()`. */
  secretKey: string;
}

export interface OverflowConfig {
  bucket: string;
  queueUrl: string;
  /** Set for drain and maintain only; empty for ingest. */
  deadLetterQueueUrl: string;
}

/** What Lambda puts into the environment for signing requests to AWS. */
export interface AwsAccess {
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  /** Endpoint of an AWS emulator; empty for AWS. */
  endpointUrl: string;
}

/** A setting that is missing or invalid. The message names the variable and quotes no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'SILENT'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** A variable. Blank ones are removed before, so that they count as not set. */
const text = z.string({ error: 'is not set' });
const optionalText = z.optional(text);

const httpUrl = text.check(
  z.refine((value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ''), {
    error: 'must be an http(s) URL',
  }),
);

const supabaseSchema = z.object({ SUPABASE_URL: httpUrl, SUPABASE_SECRET_KEY: text });

const overflowSchema = z.object({
  AGENSIGHT_OVERFLOW_BUCKET: text,
  AGENSIGHT_OVERFLOW_QUEUE_URL: text,
  AGENSIGHT_DEAD_LETTER_QUEUE_URL: z._default(text, ''),
});

const settingsSchema = z.object({
  AGENSIGHT_SECRET_ARN: optionalText,
  AGENSIGHT_OVERFLOW_BUCKET: optionalText,
  AGENSIGHT_LOG_LEVEL: z.prefault(
    z.pipe(
      text.check(z.toUpperCase()),
      z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }),
    ),
    'INFO',
  ),
  AGENSIGHT_DATABASE_TIMEOUT_MILLIS: z.prefault(
    z.pipe(
      text.check(z.regex(/^[1-9]\d{0,8}$/, { error: 'must be a whole number above 0' })),
      z.transform(Number),
    ),
    '10000',
  ),
  AGENSIGHT_METRICS_NAMESPACE: z._default(text, DEFAULT_METRICS_NAMESPACE),
  AGENSIGHT_VERSION: z._default(text, 'unknown'),
});

const awsSchema = z.object({
  AWS_REGION: z._default(text, ''),
  AWS_ACCESS_KEY_ID: z._default(text, ''),
  AWS_SECRET_ACCESS_KEY: z._default(text, ''),
  AWS_SESSION_TOKEN: z._default(text, ''),
  AWS_ENDPOINT_URL: z._default(text, ''),
});

type Values = Readonly<Record<string, unknown>>;

/**
 * Reads the settings.
 *
 * @throws ConfigError that names the first missing or invalid variable
 *
 * @example
 * readConfig({ SUPABASE_URL: 'https://x.supabase.co', SUPABASE_SECRET_KEY: 'sb_secret_...' });
 */
export function readConfig(environment: Values = process.env): Config {
  const place = 'environment variable';
  const settings = parse(settingsSchema, environment, place);
  const secretArn = settings.AGENSIGHT_SECRET_ARN ?? null;
  return {
    supabase: secretArn === null ? readSupabaseAccess(environment, place) : null,
    secretArn,
    overflow: settings.AGENSIGHT_OVERFLOW_BUCKET ? readOverflow(environment) : null,
    logLevel: settings.AGENSIGHT_LOG_LEVEL,
    databaseTimeoutMillis: settings.AGENSIGHT_DATABASE_TIMEOUT_MILLIS,
    metricsNamespace: settings.AGENSIGHT_METRICS_NAMESPACE,
    version: settings.AGENSIGHT_VERSION,
  };
}

/**
 * URL and key of the database, which have the same names in an environment and in the secret.
 *
 * @param place what holds the values, for the message
 * @throws ConfigError that names the first missing or invalid value
 */
export function readSupabaseAccess(values: Values, place: string): SupabaseAccess {
  const { SUPABASE_URL, SUPABASE_SECRET_KEY } = parse(supabaseSchema, values, place);
  return { url: SUPABASE_URL, secretKey: SUPABASE_SECRET_KEY };
}

/** Credentials and region of the running function. Read at each use: Lambda may renew them. */
export function readAwsAccess(environment: Values = process.env): AwsAccess {
  const values = parse(awsSchema, environment, 'environment variable');
  return {
    region: values.AWS_REGION,
    accessKeyId: values.AWS_ACCESS_KEY_ID,
    secretAccessKey: values.AWS_SECRET_ACCESS_KEY,
    sessionToken: values.AWS_SESSION_TOKEN,
    endpointUrl: values.AWS_ENDPOINT_URL,
  };
}

function readOverflow(environment: Values): OverflowConfig {
  const values = parse(overflowSchema, environment, 'environment variable');
  return {
    bucket: values.AGENSIGHT_OVERFLOW_BUCKET,
    queueUrl: values.AGENSIGHT_OVERFLOW_QUEUE_URL,
    deadLetterQueueUrl: values.AGENSIGHT_DEAD_LETTER_QUEUE_URL,
  };
}

/** Validates the values that a schema names, trimmed; blank ones count as absent. */
function parse<S extends z.ZodMiniObject>(schema: S, values: Values, place: string): z.output<S> {
  const present: Record<string, unknown> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = values[name];
    const trimmed = typeof value === 'string' ? value.trim() : value;
    if (trimmed !== '' && trimmed !== undefined) present[name] = trimmed;
  }
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = String(issue?.path[0]);
  const code = name in present ? 'AGENSIGHT_CONFIG_INVALID' : 'AGENSIGHT_CONFIG_MISSING';
  throw new ConfigError(code, `The ${place} ${name} ${issue?.message}.`);
}
