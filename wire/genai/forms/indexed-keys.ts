/** Flat keys with positions in them (`prefix.0.role`), as the lists and objects that they represent. */

import { isList } from '../../json.ts';
import type { JsonValue } from '../../records.ts';
import { isObject } from '../../values.ts';
import type { Attributes } from './otel-span.ts';

/** Deeper keys than any instrumentation writes are not placed. */
const MAX_SEGMENTS = 12;

/** Positions that are skipped are those of values that were dropped; this many at most. */
const MAX_GAP = 100;

/** A segment of a key: the name of a member, or a position. */
export type Step = string | number;

type Node = { [name: string]: JsonValue | Node } | (JsonValue | Node)[];

/** The value that flat keys make up; made when it is read, because better places may have all of it. */
export class Tree {
  readonly #waiting: [steps: readonly Step[], value: JsonValue][] = [];
  #root: Node | null = null;
  #hasGaps = false;
  /** Values of attributes that are objects, which are not nodes. */
  #leaves: Set<unknown> | null = null;

  /** Adds a leaf at the path of its key. */
  place(steps: readonly Step[] | null, value: JsonValue): void {
    if (steps !== null) this.#waiting.push([steps, value]);
  }

  /** Puts a value at its path. Only own members are nodes: `toString` is an ordinary key. */
  #put(steps: readonly Step[], value: JsonValue): void {
    this.#root ??= typeof steps[0] === 'number' ? [] : {};
    let node = this.#root;
    const last = steps.length - 1;
    for (let level = 0; level < last; level++) {
      const step = steps[level] as Step;
      const next = Object.hasOwn(node, step) ? (node as never)[step] : undefined;
      if (this.#isNode(next)) {
        node = next;
        continue;
      }
      const inner: Node = typeof steps[level + 1] === 'number' ? [] : {};
      if (!this.#set(node, step, inner)) return;
      node = inner;
    }
    if (typeof value === 'object' && value !== null) {
      this.#leaves ??= new Set();
      this.#leaves.add(value);
    }
    this.#set(node, steps[last] as Step, value);
  }

  #isNode(value: JsonValue | Node | undefined): value is Node {
    if (typeof value !== 'object' || value === null) return false;
    return this.#leaves === null || !this.#leaves.has(value);
  }

  #set(node: Node, step: Step, value: JsonValue | Node): boolean {
    if (Array.isArray(node)) {
      if (typeof step !== 'number' || step > node.length + MAX_GAP) return false;
      if (step > node.length) this.#hasGaps = true;
      node[step] = value;
    } else node[step] = value;
    return true;
  }

  /** The whole value. */
  get value(): JsonValue {
    for (const [steps, value] of this.#waiting) this.#put(steps, value);
    this.#waiting.length = 0;
    const value = (this.#root ?? null) as JsonValue;
    return this.#hasGaps ? withoutGaps(value) : value;
  }
}

function withoutGaps(value: JsonValue): JsonValue {
  if (isList(value)) return value.filter((item) => item !== undefined).map(withoutGaps);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutGaps(item)]));
}

/** The values under a prefix, by position: keys arrive in any order, and `10` comes after `2`. */
export function listUnder(attributes: Attributes, prefix: string): readonly JsonValue[] {
  const tree = new Tree();
  for (const key in attributes) {
    if (key.startsWith(prefix)) tree.place(stepsOf(key, prefix.length), attributes[key] ?? null);
  }
  return listOf(tree.value);
}

/** The items of a list, or of an object with positions for keys; empty for any other value. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (isList(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

/** The segments of a key after a position; null for a key that is too deep, or would set a prototype. */
export function stepsOf(key: string, from: number): readonly Step[] | null {
  const steps = key.slice(from).split('.');
  if (steps.length > MAX_SEGMENTS || steps.includes('__proto__')) return null;
  return steps.map((step) => (POSITION.test(step) ? Number(step) : step));
}

const POSITION = /^\d{1,6}$/;
