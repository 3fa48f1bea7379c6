/** Values that are written as text, opened: JSON, or what Python prints. */
import { isList, parseJson, parseJsonText } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import { readRepr } from './python-repr.ts';

/** Opens a text that holds a JSON value, or one that Python printed; other values are unchanged. */
export function openValue(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== 'string') return value;
  const first = value.charCodeAt(0);
  // Most texts begin with a letter, and are what somebody said.
  const isWord = first >= 0x30 && first !== 0x5b && first !== 0x7b;
  if (isWord && !value.includes('(') && !value.includes('=')) return value;
  if (value.length > MAX_REMEMBERED) return opened(value);
  const known = remembered.get(value);
  if (known !== undefined) return known;
  const found = opened(value);
  if (typeof found === 'object') {
    if (remembered.size >= MAX_TEXTS) remembered.clear();
    remembered.set(value, found);
  }
  return found;
}

function opened(text: string): JsonValue | undefined {
  const json = parseJsonText(text);
  return typeof json === 'string' ? (readRepr(json) ?? json) : json;
}

/** Texts of the span that is being read: the same stand in several places, and each is compared with columns. */
const remembered = /* @__PURE__ */ new Map<string, JsonValue>();
const MAX_REMEMBERED = 4_096;
const MAX_TEXTS = 64;

/** Forgets what was opened, before another span is read. */
export function forgetOpened(): void {
  if (remembered.size > 0) remembered.clear();
}

const BARE_JSON = /^\s*(?:-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)\s*$/;

/** Opens a text of a sender that writes JSON always: `3` is a number and `null` is nothing. */
export function openJson(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value === 'string' && BARE_JSON.test(value)) return JSON.parse(value) as JsonValue;
  return openValue(value);
}

/** Opens a text that holds an object or a list; any other text is unchanged. */
export function openParts(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== 'string') return value;
  const opened = parseJson(value);
  return typeof opened === 'object' ? opened : value;
}

/** The paths of all sources and aliases, split once. */
const pathSteps = /* @__PURE__ */ new Map<string, readonly string[]>();

/** The steps of a path from our own tables. */
function stepsOf(path: string): readonly string[] {
  let steps = pathSteps.get(path);
  if (steps === undefined) {
    steps = path.split('.');
    pathSteps.set(path, steps);
  }
  return steps;
}

/** The value at a path such as `data.messages.-1.content`; texts on the way are opened. */
export function valueAt(value: JsonValue | undefined, path: string): JsonValue | undefined {
  let at = value;
  for (const step of stepsOf(path)) {
    at = openValue(at);
    if (isList(at)) at = /^-?\d+$/.test(step) ? at.at(Number(step)) : undefined;
    else if (isObject(at) && Object.hasOwn(at, step)) at = at[step];
    else return undefined;
  }
  return at;
}

/** The first of several members that is present. A name with dots is a path. */
export function firstOf(value: JsonObject, names: readonly string[]): JsonValue | undefined {
  for (const name of names) {
    const found = name.includes('.') ? valueAt(value, name) : value[name];
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}
