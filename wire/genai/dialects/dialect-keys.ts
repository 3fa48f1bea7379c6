/** The keys of all dialects, in the order in which they are looked up. */
import { DIALECTS } from './choose.ts';
import { genAi } from './genai.ts';

type KeyList =
  | 'sessionKeys'
  | 'conversationKeys'
  | 'userKeys'
  | 'traceNameKeys'
  | 'tagKeys'
  | 'metadataPrefixes';

/**
 * The keys of one kind, best first. The conventions come first, because applications set their keys
 * explicitly. Computed on call: a constant would keep all dialects in every bundle of the SDK.
 */
export function keysOf(kind: KeyList): readonly string[] {
  const dialects = [genAi, ...DIALECTS.filter((dialect) => dialect !== genAi)];
  return dialects.flatMap((dialect) => dialect[kind] ?? []);
}
