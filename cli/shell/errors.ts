/** The two ways in which a command fails. `main.ts` turns them into a message and an exit code. */

/** Codes of {@link CliError}; `wire/errors.ts` explains each. */
export type CliErrorCode =
  | 'AGENSIGHT_CLI_USAGE'
  | 'AGENSIGHT_CLI_SETTING_MISSING'
  | 'AGENSIGHT_CLI_SETTING_INVALID'
  | 'AGENSIGHT_CLI_FILE'
  | 'AGENSIGHT_CLI_INPUT'
  | 'AGENSIGHT_CLI_UNREACHABLE'
  | 'AGENSIGHT_CLI_UNAUTHORIZED'
  | 'AGENSIGHT_CLI_REJECTED'
  | 'AGENSIGHT_CLI_SCHEMA_MISSING'
  | 'AGENSIGHT_CLI_NOT_FOUND'
  | 'AGENSIGHT_CLI_AWS'
  | 'AGENSIGHT_CLI_DATABASE_UNSUITABLE'
  | 'AGENSIGHT_CLI_DATABASE_NEWER'
  | 'AGENSIGHT_CLI_MIGRATION_CHANGED'
  | 'AGENSIGHT_CLI_MIGRATION_FAILED'
  | 'AGENSIGHT_CLI_INTERNAL';

export interface CliErrorOptions extends ErrorOptions {
  readonly code: CliErrorCode;
  /** What to do about it, in lines. Default: empty. */
  readonly hint?: string;
}

/**
 * The operation failed. Exit code 1.
 *
 * @example
 * throw new CliError(`cannot read ${file}`, { code: 'AGENSIGHT_CLI_FILE', hint: 'Check the path.' });
 */
export class CliError extends Error {
  override readonly name: string = 'CliError';
  /** Stable across versions, for programs. */
  readonly code: CliErrorCode;
  /** What to do about it; empty when unknown. */
  readonly hint: string;

  constructor(message: string, { code, hint = '', ...options }: CliErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}

/** The command line is invalid. Exit code 2. */
export class UsageError extends CliError {
  override readonly name = 'UsageError';

  constructor(message: string, options: Omit<CliErrorOptions, 'code'> = {}) {
    super(message, { ...options, code: 'AGENSIGHT_CLI_USAGE' });
  }
}
