/** How single options are read and checked. */
import { LIMITS } from '../wire/protocol.ts';
import { snapshot } from './capture.ts';
import { isFunction, isList, isObject, isText } from './objects.ts';
import type { Environment, Mode } from './options.ts';
import { PROVIDER_PACKAGES, type ProviderPackage, readPackages } from './provider-packages.ts';
import { readSession, type SessionFacts } from './sessions.ts';

/** A value that passed its check, or a sentence that says what is wrong with it. */
export type Checked<T> = { readonly value: T } | { readonly problem: string };

export interface Row<T> {
  readonly check: (given: unknown) => Checked<T>;
  readonly fallback: T | ((env: Environment) => T);
  /** How a text of the environment is read; null when the option has no variable. */
  readonly parse?: ((text: string) => unknown) | null;
}

export const FLAGS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

function must<T>(isRight: boolean, value: unknown, rule: string): Checked<T> {
  return isRight ? { value: value as T } : { problem: `must be ${rule}` };
}

export function text<T extends string | null>(
  fallback: T | ((env: Environment) => string),
): Row<T> {
  const check = (given: unknown): Checked<T> =>
    must(
      isText(given) && given.trim() !== '' && given.length <= LIMITS.maxLabelLength,
      given,
      `a text of 1 to ${LIMITS.maxLabelLength} characters`,
    );
  return { check, fallback: fallback as T };
}

export function flag(fallback: boolean): Row<boolean> {
  const check = (given: unknown): Checked<boolean> =>
    must(typeof given === 'boolean', given, 'true or false');
  const parse = (spelled: string): unknown => FLAGS.get(spelled.toLowerCase());
  return { check, parse, fallback };
}

export function whole(fallback: number, least: number, most: number): Row<number> {
  const check = (given: unknown): Checked<number> =>
    must(
      Number.isInteger(given) && (given as number) >= least && (given as number) <= most,
      given,
      `a whole number from ${least} to ${most}`,
    );
  return { check, parse: Number, fallback };
}

export function checkMode(given: unknown): Checked<Mode> {
  const isMode = given === 'local' || given === 'dev' || given === 'prod';
  return must(isMode, given, "'local', 'dev' or 'prod'");
}

export function checkToken(given: unknown): Checked<string> {
  const isToken = isText(given) && /^[\x21-\x7e]+$/.test(given);
  return must(isToken, given, 'the token, without spaces');
}

export function checkEndpoint(given: unknown): Checked<string> {
  const isUrl = isText(given) && URL.canParse(given);
  const isHttp = isUrl && /^https?:$/.test(new URL(given).protocol);
  return must(isHttp, given, 'an http:// or https:// URL');
}

export function checkSession(given: unknown): Checked<SessionFacts> {
  const facts = readSession(given);
  return isText(facts) ? { problem: facts } : { value: facts };
}

export function checkMetadata(given: unknown): Checked<string | null> {
  const isFields = isObject(given) && !isList(given);
  return must(isFields, isFields ? snapshot(given) : null, 'an object');
}

export function checkPackages(given: unknown): Checked<readonly ProviderPackage[]> {
  const list = readPackages(given);
  return must(!!list, list, `true, false or a list of ${PROVIDER_PACKAGES.join(', ')}`);
}

export function checkSpool(given: unknown): Checked<string> {
  if (given === true) return { value: '.agensight/spool' };
  const isFolder = isText(given) && given.trim() !== '';
  return must(given === false || isFolder, given || '', 'true, false or a folder');
}

export function checkFunction<F>(given: unknown): Checked<F> {
  return must(isFunction(given), given, 'a function');
}

export function rate(fallback: number): Row<number> {
  const check = (given: unknown): Checked<number> =>
    must(
      typeof given === 'number' && given >= 0 && given <= 1,
      given,
      'a number from 0 (none) to 1 (all)',
    );
  return { check, parse: Number, fallback };
}

export function checkTags(given: unknown): Checked<readonly string[]> {
  const isTags =
    isList(given) &&
    given.length <= LIMITS.maxTags &&
    given.every((tag) => isText(tag) && tag !== '');
  return must(isTags, isTags ? [...given] : null, `a list of up to ${LIMITS.maxTags} texts`);
}
