/** Flat keys with positions in them (`prefix.0.role`), as the lists they represent. */

import { isList } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import type { Attributes } from './span.ts';

/** Deeper keys than any instrumentation writes are cut at this depth. */
const MAX_SEGMENTS = 12;

type Tree = { [segment: string]: JsonValue | Tree };

/**
 * The values under a prefix, by position: keys arrive in any order, and `10` comes after `2`. JavaScript
 * keeps the integer keys of an object in numeric order.
 */
export function listUnder(attributes: Attributes, prefix: string): readonly JsonValue[] {
  const root: Tree = {};
  for (const key in attributes) {
    if (key.startsWith(prefix)) place(root, key, prefix.length, attributes[key] ?? null);
  }
  return listOf(root as JsonObject);
}

/** The items of a list, or of an object with positions for keys; empty for any other value. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (isList(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

/** Puts a value at the path of its key. Only own members are nodes: `toString` is an ordinary key. */
function place(root: Tree, key: string, from: number, value: JsonValue): void {
  let node = root;
  let start = from;
  for (let level = 0; level < MAX_SEGMENTS; level++) {
    const dot = key.indexOf('.', start);
    const segment = key.slice(start, dot < 0 ? undefined : dot);
    if (segment === '__proto__') return;
    if (dot < 0) {
      node[segment] = value;
      return;
    }
    let next = Object.hasOwn(node, segment) ? node[segment] : undefined;
    if (typeof next !== 'object' || next === null || isList(next as JsonValue)) {
      next = {};
      node[segment] = next;
    }
    node = next as Tree;
    start = dot + 1;
  }
}
