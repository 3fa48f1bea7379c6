/**
 * The catalogue of error codes. Each code is listed once, with its meaning and what to do about it;
 * `npm run types` writes `docs/errors.md` from these tables, and tests hold every thrown error and
 * every answered HTTP error against them.
 *
 * Only documentation and the Lambda read this file at run time. The SDK and the CLI import its types
 * (`import type { SdkErrorCode }`), so that their bundles carry no texts.
 */

interface ErrorEntry {
  /** What has happened. */
  readonly meaning: string;
  /** What to do about it. */
  readonly hint: string;
}

interface HttpErrorEntry extends ErrorEntry {
  readonly status: number;
  /** Whether the same request may succeed later; the answer then has a `retry-after` header. */
  readonly isRetryable: boolean;
}

/** Codes of HTTP error answers: `{"error": {"code", "message"}}`. */
export const HTTP_ERRORS = {
  malformed: {
    status: 400,
    isRetryable: false,
    meaning:
      'The request or its body cannot be read, or the database rejects the batch as a whole.',
    hint: 'Correct the request. The message names the first problem.',
  },
  unauthorized: {
    status: 401,
    isRetryable: false,
    meaning: 'The request has no token, or the token is unknown, revoked or expired.',
    hint: 'Send `Authorization: Bearer <token>` with a valid token. `create_token()` in the database makes one.',
  },
  forbidden: {
    status: 403,
    isRetryable: false,
    meaning: 'The token is valid but lacks the scope `ingest`.',
    hint: 'Use a token with the scope `ingest`.',
  },
  not_found: {
    status: 404,
    isRetryable: false,
    meaning: 'No route has this path.',
    hint: 'Check the path of the endpoint, for example `/v1/batch` or `/v1/traces`.',
  },
  method_not_allowed: {
    status: 405,
    isRetryable: false,
    meaning: 'The route exists but does not accept this method.',
    hint: 'Use the method in the `allow` header.',
  },
  too_large: {
    status: 413,
    isRetryable: false,
    meaning: 'The body exceeds a limit on bytes, records, spans or JSON containers.',
    hint: 'Send smaller batches. The message names the limit.',
  },
  unsupported: {
    status: 415,
    isRetryable: false,
    meaning: 'The route does not read this content type or content encoding.',
    hint: 'Send the content type that the message names, uncompressed or with one of the content encodings in `accept-encoding`: zstd, br, gzip and deflate.',
  },
  too_many_requests: {
    status: 429,
    isRetryable: true,
    meaning:
      'The token has used its budget of requests or bytes, or too many unknown tokens are being looked up.',
    hint: 'Keep the batch and retry after the seconds in `retry-after`.',
  },
  unavailable: {
    status: 503,
    isRetryable: true,
    meaning:
      'The database is unavailable and the batch was not stored, or the server is not configured.',
    hint: 'Keep the batch and retry after the seconds in `retry-after`.',
  },
} as const satisfies Readonly<Record<string, HttpErrorEntry>>;

/** `code` of an HTTP error answer. */
export type HttpErrorCode = keyof typeof HTTP_ERRORS;

/** Codes of `ConfigError`, which the functions throw at start-up and write into their log. */
export const CONFIG_ERRORS = {
  AGENSIGHT_CONFIG_MISSING: {
    meaning: 'A required environment variable or entry of the secret is not set.',
    hint: 'Set the variable that the message names; see docs/cloud-setup.md.',
  },
  AGENSIGHT_CONFIG_INVALID: {
    meaning: 'An environment variable or entry of the secret has an invalid value.',
    hint: 'Correct the variable that the message names; see docs/cloud-setup.md.',
  },
  AGENSIGHT_SECRET_INVALID: {
    meaning: 'The secret is not a JSON object.',
    hint: 'Store the secret as `{"SUPABASE_URL": "...", "SUPABASE_SECRET_KEY": "..."}`.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** `code` of a `ConfigError`. */
export type ConfigErrorCode = keyof typeof CONFIG_ERRORS;

/** Codes of `OptionsError`, the only error that the SDK throws, and only from `init()`. */
export const SDK_ERRORS = {
  AGENSIGHT_OPTIONS_INVALID: {
    meaning: 'The argument of `init()` is not an object.',
    hint: "Pass an object: `init({ name: 'my-app' })`.",
  },
  AGENSIGHT_OPTION_UNKNOWN: {
    meaning: 'An option does not exist.',
    hint: 'Check the spelling; the message lists all options.',
  },
  AGENSIGHT_OPTION_INVALID: {
    meaning: 'An option has an invalid value.',
    hint: 'Pass a value as the message describes it.',
  },
  AGENSIGHT_TOKEN_MISSING: {
    meaning: 'Modes `dev` and `prod` require a token.',
    hint: "Pass `token`, set `AGENSIGHT_TOKEN`, or use mode `'local'`.",
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** `code` of an `OptionsError`. */
export type SdkErrorCode = keyof typeof SDK_ERRORS;

/** Codes of `CliError`, with which a command of `npx agensight` fails. */
export const CLI_ERRORS = {
  AGENSIGHT_CLI_USAGE: {
    meaning: 'The command, an option or an argument is unknown or has an invalid value.',
    hint: 'Run `npx agensight help <command>`.',
  },
  AGENSIGHT_CLI_SETTING_MISSING: {
    meaning: 'A required setting, such as the token or the Supabase URL, is not set.',
    hint: 'Pass the option or set the environment variable that the message names.',
  },
  AGENSIGHT_CLI_SETTING_INVALID: {
    meaning: 'A setting has an invalid value.',
    hint: 'Correct the option or environment variable that the message names.',
  },
  AGENSIGHT_CLI_FILE: {
    meaning: 'A file or folder is missing, or cannot be read or written.',
    hint: 'Check the path and its permissions.',
  },
  AGENSIGHT_CLI_INPUT: {
    meaning: 'A line of the input is not a record of the export format.',
    hint: 'Use the output of `npx agensight export`.',
  },
  AGENSIGHT_CLI_UNREACHABLE: {
    meaning: 'A server cannot be reached or does not answer in time.',
    hint: 'Check the address and the network, or run `npx agensight doctor`.',
  },
  AGENSIGHT_CLI_UNAUTHORIZED: {
    meaning: 'The ingest endpoint or Supabase does not accept the token or key.',
    hint: 'Use a valid token or the secret key of the Supabase project.',
  },
  AGENSIGHT_CLI_REJECTED: {
    meaning: 'A server answered with an error, or what answers is another kind of server.',
    hint: 'Run `npx agensight doctor`.',
  },
  AGENSIGHT_CLI_SCHEMA_MISSING: {
    meaning: 'The database lacks the tables of Agensight, or has an older schema.',
    hint: 'Apply the migrations; see docs/cloud-setup.md.',
  },
  AGENSIGHT_CLI_NOT_FOUND: {
    meaning: 'No project, trace or other row has the given name or id.',
    hint: 'Check the name or id and the project.',
  },
  AGENSIGHT_CLI_AWS: {
    meaning: 'A call of AWS failed.',
    hint: 'Check the credentials, the region and the name of the stack.',
  },
  AGENSIGHT_CLI_DATABASE_UNSUITABLE: {
    meaning:
      'The migrations cannot be applied to the database: something collides, or a version, role or privilege is missing.',
    hint: 'Correct the problems that the error lists. Nothing was changed.',
  },
  AGENSIGHT_CLI_DATABASE_NEWER: {
    meaning: 'The database has migrations that this version does not know.',
    hint: 'Use the version of agensight that applied them, or a newer one.',
  },
  AGENSIGHT_CLI_MIGRATION_CHANGED: {
    meaning: 'The file of a migration was changed after the migration had been applied.',
    hint: 'Restore the file, for example by installing agensight again.',
  },
  AGENSIGHT_CLI_MIGRATION_FAILED: {
    meaning: 'A migration failed and was rolled back. The migrations before it stay applied.',
    hint: 'Correct the cause that the message names and run `npx agensight migrate` again.',
  },
  AGENSIGHT_CLI_INTERNAL: {
    meaning: 'The command failed unexpectedly.',
    hint: 'Report the message and the stack as an issue.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** `code` of a `CliError`. */
export type CliErrorCode = keyof typeof CLI_ERRORS;

/** Where a code is used: in HTTP answers, by the SDK, by the functions at start-up, by the CLI. */
export type ErrorArea = 'http' | 'sdk' | 'config' | 'cli';

/** All codes by area, for documentation and tests. */
export const ERROR_CODES = {
  http: HTTP_ERRORS,
  sdk: SDK_ERRORS,
  config: CONFIG_ERRORS,
  cli: CLI_ERRORS,
} as const satisfies Readonly<Record<ErrorArea, Readonly<Record<string, ErrorEntry>>>>;
