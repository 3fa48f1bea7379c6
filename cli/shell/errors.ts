/** The two ways in which a command fails. `main.ts` turns them into a message and an exit code. */

import type { CliErrorCode } from '../../wire/errors.ts';

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
