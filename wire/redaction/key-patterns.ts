/**
 * The rows of `KEY_RULES` as two patterns. Bundles carry the patterns in place of the table: the build
 * defines `AGENSIGHT_KEYS`.
 */
import { KEY_RULES, type KeyRule } from './rules.ts';

declare const AGENSIGHT_KEYS: string | undefined;

/** The strict forms and the prefixes of the loose ones, as sources of regular expressions on a line each. */
export function keysText(rules: readonly KeyRule[]): string {
  const formsOf = (isLoose: boolean): string =>
    rules
      .filter((rule) => !!rule.isLoose === isLoose)
      .map(({ form }) => form)
      .join('|');
  return `${formsOf(false)}\n${formsOf(true)}`;
}

/** The text of {@link keysText} for all keys. */
export const KEYS: string =
  typeof AGENSIGHT_KEYS === 'string' ? AGENSIGHT_KEYS : keysText(KEY_RULES);
