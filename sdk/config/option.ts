/** Single options: how they are parsed, checked and resolved. */
import type { SdkErrorCode } from '../../wire/errors.ts';
import { LIMITS } from '../../wire/protocol.ts';
import { isFunction, isText } from '../platform/values.ts';

/**
 * An option of `init` is invalid. This is the only error that the SDK throws, and only `init` throws
 * it.
 *
 * @example
 * try {
 *   init(options);
 * } catch (error) {
 *   if (!(error instanceof OptionsError)) throw error;
 *   console.error(error.code, error.option, error.message);
 * }
 */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
  /** Stable identifier of the problem; `docs/errors.md` lists all codes. */
  readonly code: SdkErrorCode;
  /** The invalid option, as in `init({ ... })`. */
  readonly option: string;

  /** @internal */
  constructor(code: SdkErrorCode, option: string, problem: string) {
    super(`agensight: option '${option}' ${problem}`);
    this.code = code;
    this.option = option;
  }
}

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A valid value, or a phrase that says what is wrong with it. */
export type Checked<T> = { readonly value: T } | { readonly problem: string };

/** Parses an environment variable; null when the option has none. */
type Parse = ((text: string) => unknown) | null | undefined;

/** How one option is resolved. */
export interface Row<T> {
  readonly check: (given: unknown) => Checked<T>;
  readonly fallback: T | ((env: Environment) => T);
  readonly parse?: Parse;
}

/** An option whose values must satisfy a rule; `wanted` describes the rule in error messages. */
export const rule = <T>(
  fallback: Row<T>['fallback'],
  wanted: string,
  isValid: (given: unknown) => unknown,
  parse?: Parse,
  convert = (given: unknown) => given,
): Row<T> => ({
  check: (given) =>
    isValid(given) ? { value: convert(given) as T } : { problem: `must be ${wanted}` },
  fallback,
  parse,
});

export const isFilled = (given: unknown): given is string => isText(given) && given.trim() !== '';

export const text = <T extends string | null>(fallback: Row<T>['fallback']): Row<T> =>
  rule(
    fallback,
    `a text of 1 to ${LIMITS.maxLabelLength} characters`,
    (given) => isFilled(given) && given.length <= LIMITS.maxLabelLength,
  );

/** Parses `true`, `1`, `false` and `0`; any other text is passed to `otherwise`. */
export const switchOr =
  (otherwise?: (text: string) => unknown) =>
  (variable: string): unknown => {
    const isOn = /^(true|1)$/i.test(variable);
    return isOn || /^(false|0)$/i.test(variable) ? isOn : otherwise?.(variable);
  };

export const flag = (fallback: boolean): Row<boolean> =>
  rule(fallback, 'true or false', (given) => typeof given === 'boolean', switchOr());

export const whole = (fallback: number, least: number, most: number): Row<number> =>
  rule(
    fallback,
    `a whole number from ${least} to ${most}`,
    (given) => Number.isInteger(given) && isWithin(given, least, most),
    Number,
  );

export const isWithin = (given: unknown, least: number, most: number): boolean =>
  typeof given === 'number' && given >= least && given <= most;

export const callback = <F>(): Row<F | undefined> =>
  rule<F | undefined>(undefined, 'a function', isFunction, null);

/** The environment variable of an option: `AGENSIGHT_MAX_QUEUE_BYTES` for `maxQueueBytes`. */
const variableOf = (option: string): string =>
  `AGENSIGHT_${option.replace(/[A-Z]/g, '_$&').toUpperCase()}`;

/** Resolves an option: argument, then environment variable, then default. */
export function resolveOption<T>(
  key: string,
  row: Row<T>,
  argument: unknown,
  env: Environment,
  problems: string[],
): T {
  if (argument !== undefined) {
    const checked = row.check(argument);
    if ('problem' in checked)
      throw new OptionsError('AGENSIGHT_OPTION_INVALID', key, checked.problem);
    return checked.value;
  }
  const variable = variableOf(key);
  const text = row.parse === null ? undefined : env[variable];
  if (text) {
    const checked = row.check(row.parse ? row.parse(text) : text);
    if ('value' in checked) return checked.value;
    problems.push(`${variable} ${checked.problem}; the default is used`);
  }
  const { fallback } = row;
  return isFunction(fallback) ? (fallback as (env: Environment) => T)(env) : fallback;
}
