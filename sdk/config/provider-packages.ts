/** The names of the provider packages, apart from what patches them: the options need only these. */
import { isList } from '../platform/values.ts';

/** A package whose calls `autoInstrument` records. */
export type ProviderPackage = (typeof PROVIDER_PACKAGES)[number];

/** All of them. */
export const PROVIDER_PACKAGES = ['openai', '@anthropic-ai/sdk', '@google/genai'] as const;

/** The packages that an option names; undefined when it names anything else. */
export function readPackages(given: unknown): readonly ProviderPackage[] | undefined {
  if (given === true) return PROVIDER_PACKAGES;
  if (given === false) return [];
  return isList(given) && given.every((name) => PROVIDER_PACKAGES.includes(name))
    ? given
    : undefined;
}
