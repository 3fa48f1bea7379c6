/** What a command is, and the two ways in which one fails. */
import type { Options } from './option.ts';
import type { Output } from './output.ts';
import type { Settings } from './settings.ts';

/** The options as given on the command line. */
export type Values<O extends Options> = {
  readonly [K in keyof O]?: O[K]['type'] extends 'boolean' ? boolean : string;
};

/** What a command works with. */
export interface Invocation<O extends Options> {
  readonly values: Values<O>;
  /** What stands on the command line besides options. */
  readonly args: readonly string[];
  readonly settings: Settings;
  readonly out: Output;
}

/** One command of `agensight`. Each is a file named for it, and stands in `commands.ts`. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What stands after the command besides options, for its help; `''` for nothing. */
  readonly args: string;
  /** How many of them there may be. */
  readonly maxArgs: number;
  /** Paragraphs below the usage line; lines of up to 80 characters. */
  readonly help: string;
  /** Besides `--help` and `--json`, which all have. */
  readonly options: O;
  /**
   * @returns whether it worked: `false` ends the process with 1
   * @throws UsageError (exit code 2) or Failure (exit code 1)
   */
  run(invocation: Invocation<O & typeof COMMON_OPTIONS>): Promise<boolean>;
}

/** The options that all commands have. */
export const COMMON_OPTIONS = {
  json: { type: 'boolean', help: 'print JSON for programs instead of text for people' },
  help: { type: 'boolean', short: 'h', help: 'print this help' },
} as const satisfies Options;

/** Keeps the names and types of the options known inside `run`. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  return command as unknown as Command;
}

/** The command line is wrong. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The operation failed. Exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
  /** What to do about it; empty when nothing is known. */
  readonly cure: string;

  constructor(message: string, more: string | (ErrorOptions & { readonly cure?: string }) = '') {
    super(message, typeof more === 'string' ? undefined : more);
    this.cure = typeof more === 'string' ? more : (more.cure ?? '');
  }
}
