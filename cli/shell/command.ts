/** The definition of a command. */
import type { Option, Options } from './option.ts';
import type { Output } from './output.ts';
import type { Settings } from './settings.ts';

/** The parsed options of a command line. */
export type Values<O extends Options> = {
  readonly [K in keyof O]?: O[K]['type'] extends 'boolean' ? boolean : string;
};

/** The input of a command. */
export interface Invocation<O extends Options> {
  readonly values: Values<O>;
  /** Positional arguments. */
  readonly args: readonly string[];
  readonly settings: Settings;
  readonly out: Output;
}

/** One command of `agensight`, in the file of its name in `cli/commands/`. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Positional arguments as its usage line shows them; `''` for none. */
  readonly args: string;
  /** Maximum number of positional arguments. */
  readonly maxArgs: number;
  /** Paragraphs below the usage line, in lines of up to 80 characters. */
  readonly help: string;
  /** Options besides {@link COMMON_OPTIONS}. */
  readonly options: O;
  /**
   * Runs the command.
   *
   * @returns whether it succeeded; `false` ends the process with exit code 1
   * @throws UsageError (exit code 2) or CliError (exit code 1)
   */
  run(invocation: Invocation<O & typeof COMMON_OPTIONS>): Promise<boolean>;
}

/** The options of every command. */
export const COMMON_OPTIONS = {
  json: { type: 'boolean', help: 'print JSON for programs instead of text' },
  help: { type: 'boolean', short: 'h', help: 'print this help' },
} as const satisfies Readonly<Record<string, Option>>;

/** Types the values inside `run` by the command's own options. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  return command as unknown as Command;
}
