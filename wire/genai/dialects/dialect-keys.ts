/** The keys of all dialects, in the order in which they are looked up. */
import { DIALECTS } from './choose.ts';
import type { Dialect } from './dialect.ts';
import { genAi } from './genai.ts';

type KeyList =
  | 'sessionKeys'
  | 'conversationKeys'
  | 'userKeys'
  | 'traceNameKeys'
  | 'tagKeys'
  | 'metadataPrefixes';

/** The conventions come first, because applications set their keys explicitly. */
const IN_ORDER: readonly Dialect[] = [genAi, ...DIALECTS.filter((dialect) => dialect !== genAi)];

/** The keys of one kind, best first. */
export function keysOf(kind: KeyList): readonly string[] {
  return IN_ORDER.flatMap((dialect) => dialect[kind] ?? []);
}
