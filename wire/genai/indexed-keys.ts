/** Flat keys with positions in them (`prefix.0.role`), as the lists they stand for. */
import { LIMITS } from '../protocol.ts';
import type { JsonValue } from '../records.ts';
import type { Attributes } from './span.ts';

/** A key with more dots than any producer writes is no path. */
const MAX_SEGMENTS = 12;

type Tree = Map<string, Tree | JsonValue>;

/** Whether any key begins with one of these. */
export function hasPrefix(attributes: Attributes, prefixes: readonly string[]): boolean {
  for (const key in attributes) if (prefixes.some((prefix) => key.startsWith(prefix))) return true;
  return false;
}

/**
 * The list under a prefix, in the order of the numbers: keys come in any order on the wire, and `10`
 * is not before `2`. Lists inside are lists too.
 */
export function listUnder(attributes: Attributes, prefix: string): JsonValue[] {
  const root: Tree = new Map();
  for (const key in attributes) {
    if (!key.startsWith(prefix)) continue;
    place(root, key.slice(prefix.length).split('.', MAX_SEGMENTS), attributes[key] ?? null);
  }
  const list = toValue(root);
  return Array.isArray(list) ? list : [];
}

function place(root: Tree, path: readonly string[], value: JsonValue): void {
  let node = root;
  for (const segment of path.slice(0, -1)) {
    let next = node.get(segment);
    if (!(next instanceof Map)) {
      next = new Map();
      node.set(segment, next);
    }
    node = next;
  }
  node.set(path.at(-1) ?? '', value);
}

/** A node whose keys are all positions is a list; a position left out leaves no gap. */
function toValue(node: Tree): JsonValue {
  const entries = Array.from(
    node,
    ([key, value]) => [key, value instanceof Map ? toValue(value) : value] as const,
  );
  if (entries.length === 0 || !entries.every(([key]) => isPosition(key))) {
    return Object.fromEntries(entries);
  }
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}

function isPosition(key: string): boolean {
  const position = Number(key);
  return Number.isInteger(position) && position >= 0 && position <= LIMITS.maxIndex && key !== '';
}
