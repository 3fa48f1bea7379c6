/** What the root span says about its trace in keys of its producer: name, tags, metadata. */
import type { JsonValue } from '../records.ts';
import { isList, isObject, open, openOrNull, text } from './open-json.ts';
import type { Attributes } from './span.ts';

export interface TraceFacts {
  name: string | null;
  tags: readonly string[] | null;
  metadata: JsonValue;
}

const NAME_KEYS = ['langfuse.trace.name', 'ai.telemetry.functionId'] as const;

const TAG_KEYS = [
  'langfuse.trace.tags',
  'tag.tags',
  'langsmith.span.tags',
  'lmnr.association.properties.tags',
  'ai.telemetry.metadata.tags',
  'traceloop.association.properties.tags',
  'langsmith.metadata.tags',
] as const;

const METADATA_PREFIXES = [
  'langfuse.trace.metadata.',
  'langsmith.metadata.',
  'mastra.metadata.',
  'ai.telemetry.metadata.',
  'ai.settings.context.',
  'lmnr.association.properties.metadata.',
  'traceloop.association.properties.',
] as const;

const FIRST_LETTERS = /* @__PURE__ */ new Set(
  /* @__PURE__ */ METADATA_PREFIXES.map((prefix) => prefix.charCodeAt(0)),
);

export function traceFacts(a: Attributes): TraceFacts {
  return {
    name: NAME_KEYS.map((key) => text(a[key])).find((name) => name !== null) ?? null,
    tags: TAG_KEYS.map((key) => tagsOf(a[key])).find((tags) => tags.length > 0) ?? null,
    metadata: metadataOf(a),
  };
}

/** A list, a JSON text of a list, or words with commas between them. */
function tagsOf(value: JsonValue | undefined): string[] {
  const opened = open(value);
  const words = isList(opened) ? opened : (text(opened)?.split(',') ?? []);
  return words
    .filter((word) => typeof word === 'string')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function metadataOf(a: Attributes): JsonValue {
  const shared = open(a.metadata);
  const entries: [string, JsonValue][] = isObject(shared) ? Object.entries(shared) : [];
  for (const key in a) {
    const prefix = prefixOf(key);
    if (prefix === undefined) continue;
    const name = key.slice(prefix.length);
    // LangSmith adds its own notes about the run under `ls_`.
    if (!name.startsWith('ls_')) entries.push([name, openOrNull(a[key])]);
  }
  return entries.length > 0 ? Object.fromEntries(entries) : null;
}

/** Most keys of a span are told apart by their first letter. */
function prefixOf(key: string): string | undefined {
  if (!FIRST_LETTERS.has(key.charCodeAt(0))) return undefined;
  return METADATA_PREFIXES.find((start) => key.startsWith(start));
}
