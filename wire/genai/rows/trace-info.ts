/** Name, tags and metadata of a trace, from the attributes of its root span. */

import { isList, parseJsonText, parseJsonTextOrNull, text } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { keysOf } from '../dialects/dialect-keys.ts';
import type { Attributes } from '../dialects/span.ts';

export interface TraceInfo {
  name: string | null;
  tags: readonly string[] | null;
  metadata: JsonValue;
}

const NAME_KEYS = /* @__PURE__ */ keysOf('traceNameKeys');
const TAG_KEYS = /* @__PURE__ */ keysOf('tagKeys');
const METADATA_PREFIXES = /* @__PURE__ */ keysOf('metadataPrefixes');

const FIRST_LETTERS = /* @__PURE__ */ new Set(
  /* @__PURE__ */ METADATA_PREFIXES.map((prefix) => prefix.charCodeAt(0)),
);

export function traceInfo(a: Attributes): TraceInfo {
  return {
    name: nameOf(a),
    tags: allTags(a),
    metadata: metadataOf(a),
  };
}

function nameOf(a: Attributes): string | null {
  for (const key of NAME_KEYS) {
    const name = text(a[key]);
    if (name !== null) return name;
  }
  return null;
}

/** The tags of the first key that has any. */
function allTags(a: Attributes): readonly string[] | null {
  for (const key of TAG_KEYS) {
    const value = a[key];
    if (value === undefined) continue;
    const tags = tagsOf(value);
    if (tags.length > 0) return tags;
  }
  return null;
}

/** The tags in a list, in a JSON text of a list, or separated by commas. */
function tagsOf(value: JsonValue | undefined): string[] {
  const opened = parseJsonText(value);
  const words = isList(opened) ? opened : (text(opened)?.split(',') ?? []);
  return words
    .filter((word) => typeof word === 'string')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function metadataOf(a: Attributes): JsonValue {
  const shared = parseJsonText(a.metadata);
  const entries: [string, JsonValue][] = isObject(shared) ? Object.entries(shared) : [];
  for (const key in a) {
    const prefix = prefixOf(key);
    if (prefix === undefined) continue;
    const name = key.slice(prefix.length);
    // LangSmith adds its own metadata about the run under `ls_`.
    if (!name.startsWith('ls_')) entries.push([name, parseJsonTextOrNull(a[key])]);
  }
  return entries.length > 0 ? Object.fromEntries(entries) : null;
}

/** The prefix of a key; most keys are excluded by their first letter. */
function prefixOf(key: string): string | undefined {
  if (!FIRST_LETTERS.has(key.charCodeAt(0))) return undefined;
  return METADATA_PREFIXES.find((start) => key.startsWith(start));
}
