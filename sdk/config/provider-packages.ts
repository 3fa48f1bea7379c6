/** The provider packages that `autoInstrument` knows, by name. */
import { isList } from '../platform/values.ts';

/**
 * A provider package whose calls `autoInstrument` records.
 *
 * @example
 * init({ autoInstrument: ['openai', '@anthropic-ai/sdk'] });
 */
export type ProviderPackage = (typeof PROVIDER_PACKAGES)[number];

/** All provider packages that `autoInstrument` records by default. */
export const PROVIDER_PACKAGES = ['openai', '@anthropic-ai/sdk', '@google/genai'] as const;

/** The packages that the option selects; undefined when its value is invalid. */
export function readPackages(given: unknown): readonly ProviderPackage[] | undefined {
  if (given === true) return PROVIDER_PACKAGES;
  if (given === false) return [];
  return isList(given) && given.every((name) => PROVIDER_PACKAGES.includes(name))
    ? given
    : undefined;
}
