/** How single options are read and checked. */
import { LIMITS } from '../../wire/protocol.ts';
import { isFunction, isText } from '../platform/values.ts';
import { OptionsError } from './errors.ts';

/** The environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A value that passed its check, or a sentence that says what is wrong with it. */
export type Checked<T> = { readonly value: T } | { readonly problem: string };

/** How a text of the environment is read; null when the option has no variable. */
type Parse = ((text: string) => unknown) | null | undefined;

export interface Row<T> {
  readonly check: (given: unknown) => Checked<T>;
  readonly fallback: T | ((env: Environment) => T);
  readonly parse?: Parse;
}

/** An option whose values obey a rule, which is told to whoever breaks it. */
export const rule = <T>(
  fallback: Row<T>['fallback'],
  wanted: string,
  isRight: (given: unknown) => unknown,
  parse?: Parse,
  made = (given: unknown) => given,
): Row<T> => ({
  check: (given) =>
    isRight(given) ? { value: made(given) as T } : { problem: `must be ${wanted}` },
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

/** True or false as people spell it; any other text is left to `otherwise`. */
export const switchOr =
  (otherwise?: (text: string) => unknown) =>
  (spelled: string): unknown => {
    const isOn = /^(true|1)$/i.test(spelled);
    return isOn || /^(false|0)$/i.test(spelled) ? isOn : otherwise?.(spelled);
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

/** `maxQueueBytes` is `AGENSIGHT_MAX_QUEUE_BYTES`. */
const variableOf = (option: string): string =>
  `AGENSIGHT_${option.replace(/[A-Z]/g, '_$&').toUpperCase()}`;

/** Argument, then environment variable, then default; a bad variable is told in `problems`. */
export function decide<T>(
  key: string,
  row: Row<T>,
  argument: unknown,
  env: Environment,
  problems: string[],
): T {
  if (argument !== undefined) {
    const checked = row.check(argument);
    if ('problem' in checked) throw new OptionsError(key, checked.problem);
    return checked.value;
  }
  const variable = variableOf(key);
  const spelled = row.parse === null ? undefined : env[variable];
  if (spelled) {
    const checked = row.check(row.parse ? row.parse(spelled) : spelled);
    if ('value' in checked) return checked.value;
    problems.push(`${variable} ${checked.problem}; the default is used`);
  }
  const { fallback } = row;
  return isFunction(fallback) ? (fallback as (env: Environment) => T)(env) : fallback;
}
