/** What any span says of its trace: session, user, name, tags, metadata. */
import { isList, parseJsonTextOrNull, text } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isId, isObject } from '../../values.ts';
import { openValue } from '../forms/open-value.ts';
import { PLACEHOLDERS } from '../sources/words.ts';
import type { Found } from './found.ts';

/** A value with the rank of its place: 0 is the most explicit. */
export interface Ranked {
  value: string;
  rank: number;
}

export function sessionIn(found: Found): Ranked | null {
  const session = nameIn(found, 'session');
  // An invalid id must not reject the trace; it stays in the attributes.
  return session !== null && isId(session.value) ? session : null;
}

export function userIn(found: Found): Ranked | null {
  return nameIn(found, 'user');
}

function nameIn(found: Found, slot: 'session' | 'user'): Ranked | null {
  if (!found.has(slot)) return null;
  for (const candidate of found.all(slot)) {
    const { held, place } = candidate;
    const isPlain = typeof held.value === 'string' && place.path === null && !place.isJson;
    const value = isPlain ? held.value : found.open(candidate);
    const name = typeof value === 'number' ? String(value) : text(value);
    if (name !== null && PLACEHOLDERS[slot]?.test(name) !== true)
      return { value: name, rank: candidate.rank };
  }
  return null;
}

/** What the root span says. */
export interface RootFacts {
  name: string | null;
  tags: readonly string[] | null;
  metadata: JsonValue;
  input: JsonValue;
  output: JsonValue;
}

export function rootFacts(found: Found): RootFacts {
  return {
    name: found.first('traceName', text),
    tags: found.first('tags', (value) => {
      const tags = tagsOf(value);
      return tags.length > 0 ? tags : null;
    }),
    metadata: metadataOf(found),
    input: found.first('traceInput', (value) => value),
    output: found.first('traceOutput', (value) => value),
  };
}

/** The tags in a list, in a text of a list, or separated by commas. */
function tagsOf(value: JsonValue): string[] {
  const opened = openValue(value);
  const words = isList(opened) ? opened : (text(opened)?.split(',') ?? []);
  return words
    .filter((word) => typeof word === 'string')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function metadataOf(found: Found): JsonValue {
  const shared = found.first('metadata', (value) => (isObject(value) ? value : null));
  const entries: [string, JsonValue][] = shared === null ? [] : Object.entries(shared);
  for (const [name, value] of found.metadata) {
    // LangSmith adds its own metadata about the run under `ls_`.
    if (!name.startsWith('ls_')) entries.push([name, parseJsonTextOrNull(value)]);
  }
  return entries.length > 0 ? Object.fromEntries(entries) : null;
}
