/** Settings of the functions, read from the environment once. */
import * as z from 'zod/mini';
import type { ConfigErrorCode } from '../../wire/errors.ts';
import { DEFAULT_METRICS_NAMESPACE } from '../../wire/operations.ts';
import {
  AWS_REGION_FORM,
  BUCKET_NAME_FORM,
  type Form,
  HEADER_VALUE_FORM,
  HTTP_URL_FORM,
  LOG_LEVELS,
  type LogLevel,
  METRICS_NAMESPACE_FORM,
  ORIGIN_FORM,
  QUEUE_URL_FORM,
  SECRET_ARN_FORM,
  VERSION_FORM,
} from '../../wire/settings.ts';

// Each function starts here. Zod compiles a parser for each object when it is first used, which takes
// longer at a cold start than all that these small objects win by it.
z.config({ jitless: true });

export interface Config {
  /** How the database is reached; null when a secret says so. */
  supabase: SupabaseAccess | null;
  /** ARN of the Secrets Manager secret with {@link SupabaseAccess}; null when the environment has it. */
  secretArn: string | null;
  /** Where batches wait while the database is unavailable; null without an overflow. */
  overflow: OverflowConfig | null;
  /** `DEBUG`, `INFO`, `WARN`, `ERROR` or `SILENT`. Default: `INFO`. */
  logLevel: LogLevel;
  /** Timeout of one database call, 1 to 900000. Default: 10000 (10 seconds). */
  databaseTimeoutMillis: number;
  /** CloudWatch namespace of the metrics. Default: `Agensight`. */
  metricsNamespace: string;
  /** Version of the deployed code, reported by the health check. Default: `unknown`. */
  version: string;
}

export interface SupabaseAccess {
  /** An origin: scheme, host and port. */
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

/** Settings that are missing or invalid. The message names every one of them and quotes no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The longest timeout of a Lambda function: 15 minutes. */
const MAX_TIMEOUT_MILLIS = 900_000;

/** A variable. Blank ones are removed before, so that they count as not set. */
const text = z.string({ error: 'is not set' });

/** A variable of a form. */
const formed = (form: Form) => text.check(z.refine(form.accepts, { error: form.problem }));

const supabaseSchema = z.object({
  SUPABASE_URL: formed(ORIGIN_FORM),
  SUPABASE_SECRET_KEY: formed(HEADER_VALUE_FORM),
});

const secretSchema = z.object({ AGENSIGHT_SECRET_ARN: formed(SECRET_ARN_FORM) });

const overflowSchema = z.object({
  AGENSIGHT_OVERFLOW_BUCKET: formed(BUCKET_NAME_FORM),
  AGENSIGHT_OVERFLOW_QUEUE_URL: formed(QUEUE_URL_FORM),
  AGENSIGHT_DEAD_LETTER_QUEUE_URL: z._default(formed(QUEUE_URL_FORM), ''),
});

const workerOverflowSchema = z.extend(overflowSchema, {
  AGENSIGHT_DEAD_LETTER_QUEUE_URL: formed(QUEUE_URL_FORM),
});

const commonSchema = z.object({
  AGENSIGHT_LOG_LEVEL: z.prefault(
    z.pipe(
      text.check(z.toUpperCase()),
      z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }),
    ),
    'INFO',
  ),
  AGENSIGHT_DATABASE_TIMEOUT_MILLIS: z.prefault(
    z.pipe(
      text.check(
        z.refine((value) => /^[1-9]\d*$/.test(value) && Number(value) <= MAX_TIMEOUT_MILLIS, {
          error: `must be a whole number from 1 to ${MAX_TIMEOUT_MILLIS}`,
        }),
      ),
      z.transform(Number),
    ),
    '10000',
  ),
  AGENSIGHT_METRICS_NAMESPACE: z._default(
    formed(METRICS_NAMESPACE_FORM),
    DEFAULT_METRICS_NAMESPACE,
  ),
  AGENSIGHT_VERSION: z._default(formed(VERSION_FORM), 'unknown'),
});

/** All settings in one schema, so that one error lists all problems; null for what does not apply. */
const configSchema = z.object({
  common: commonSchema,
  secret: z.nullable(secretSchema),
  supabase: z.nullable(supabaseSchema),
  overflow: z.nullable(overflowSchema),
});

const workerConfigSchema = z.extend(configSchema, { overflow: workerOverflowSchema });

const awsSchema = z.object({
  AWS_REGION: z._default(formed(AWS_REGION_FORM), ''),
  AWS_ACCESS_KEY_ID: z._default(formed(HEADER_VALUE_FORM), ''),
  AWS_SECRET_ACCESS_KEY: z._default(text, ''),
  AWS_SESSION_TOKEN: z._default(formed(HEADER_VALUE_FORM), ''),
  AWS_ENDPOINT_URL: z._default(formed(HTTP_URL_FORM), ''),
});

type Values = Readonly<Record<string, unknown>>;

/** What holds the variables, for the message. */
const ENVIRONMENT = 'environment';

/**
 * Reads the settings of the ingest function.
 *
 * @throws ConfigError that names every missing or invalid variable
 *
 * @example
 * readConfig({ SUPABASE_URL: 'https://x.supabase.co', SUPABASE_SECRET_KEY: 'sb_secret_...' });
 */
export function readConfig(environment: Values = process.env): Config {
  const present = presentIn(environment);
  const hasOverflow = Object.keys(overflowSchema.shape).some((name) => name in present);
  const sections = { ...sectionsOf(present), overflow: hasOverflow ? present : null };
  return configOf(parse(configSchema, sections, present, ENVIRONMENT));
}

/**
 * Reads the settings of drain and maintain, which need the overflow with its dead-letter queue.
 *
 * @throws ConfigError that names every missing or invalid variable
 */
export function readWorkerConfig(
  environment: Values = process.env,
): Config & { overflow: OverflowConfig } {
  const present = presentIn(environment);
  const sections = { ...sectionsOf(present), overflow: present };
  const values = parse(workerConfigSchema, sections, present, ENVIRONMENT);
  return { ...configOf(values), overflow: overflowOf(values.overflow) };
}

/**
 * URL and key of the database, which have the same names in an environment and in the secret.
 *
 * @param place what holds the values, for the message
 * @throws ConfigError that names every missing or invalid value
 */
export function readSupabaseAccess(values: Values, place: string): SupabaseAccess {
  const present = presentIn(values);
  return accessOf(parse(supabaseSchema, present, present, place));
}

/**
 * Credentials and region of the running function. Read at each use: Lambda may renew them.
 *
 * @throws ConfigError that names every invalid variable
 */
export function readAwsAccess(environment: Values = process.env): AwsAccess {
  const present = presentIn(environment);
  const values = parse(awsSchema, present, present, ENVIRONMENT);
  return {
    region: values.AWS_REGION,
    accessKeyId: values.AWS_ACCESS_KEY_ID,
    secretAccessKey: values.AWS_SECRET_ACCESS_KEY,
    sessionToken: values.AWS_SESSION_TOKEN,
    endpointUrl: values.AWS_ENDPOINT_URL,
  };
}

/** The sections of {@link configSchema} without the overflow. A secret replaces URL and key. */
function sectionsOf(present: Values) {
  const hasSecret = 'AGENSIGHT_SECRET_ARN' in present;
  return {
    common: present,
    secret: hasSecret ? present : null,
    supabase: hasSecret ? null : present,
  };
}

function configOf({ common, secret, supabase, overflow }: z.output<typeof configSchema>): Config {
  return {
    supabase: supabase && accessOf(supabase),
    secretArn: secret?.AGENSIGHT_SECRET_ARN ?? null,
    overflow: overflow && overflowOf(overflow),
    logLevel: common.AGENSIGHT_LOG_LEVEL,
    databaseTimeoutMillis: common.AGENSIGHT_DATABASE_TIMEOUT_MILLIS,
    metricsNamespace: common.AGENSIGHT_METRICS_NAMESPACE,
    version: common.AGENSIGHT_VERSION,
  };
}

function accessOf(values: z.output<typeof supabaseSchema>): SupabaseAccess {
  return { url: values.SUPABASE_URL, secretKey: values.SUPABASE_SECRET_KEY };
}

function overflowOf(values: z.output<typeof overflowSchema>): OverflowConfig {
  return {
    bucket: values.AGENSIGHT_OVERFLOW_BUCKET,
    queueUrl: values.AGENSIGHT_OVERFLOW_QUEUE_URL,
    deadLetterQueueUrl: values.AGENSIGHT_DEAD_LETTER_QUEUE_URL,
  };
}

/** The values that are set, trimmed; blank ones count as not set. */
function presentIn(values: Values): Values {
  const trimmed = Object.entries(values).map(
    ([name, value]) => [name, typeof value === 'string' ? value.trim() : value] as const,
  );
  return Object.fromEntries(trimmed.filter(([, value]) => value !== '' && value !== undefined));
}

/** Validates an input that consists of present values. */
function parse<S extends z.ZodMiniType>(
  schema: S,
  input: unknown,
  present: Values,
  place: string,
): z.output<S> {
  const { success, data, error } = schema.safeParse(input);
  if (success) return data;
  // The variable is the last part of the path: sections come before it.
  const problems = error.issues.map(({ path, message }) => ({
    name: String(path.at(-1)),
    message,
  }));
  const isInvalid = problems.some(({ name }) => name in present);
  const lines = problems.map(({ name, message }) => `${name} ${message}`);
  throw new ConfigError(
    isInvalid ? 'AGENSIGHT_CONFIG_INVALID' : 'AGENSIGHT_CONFIG_MISSING',
    `Invalid settings in the ${place}: ${lines.join('; ')}.`,
  );
}
