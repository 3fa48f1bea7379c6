/** Members that producers name differently, read in one pass over what an object has. */
import type { JsonObject, JsonValue } from '../../records.ts';
import { openValue, valueAt } from './open-value.ts';

interface Alias {
  field: number;
  rank: number;
  /** The rest of a path (`response_metadata.id`); null for a member itself. */
  rest: string | null;
}

/** No rank is as low; a small integer, as ranks are. */
const MANY = 1e9;

/** Reads an object into its fields, in the order of the table; undefined for a field that it lacks. */
export type ReadFields<F extends string> = (value: JsonObject) => {
  readonly [K in F]: JsonValue | undefined;
};

/**
 * A reader of objects from the names of each field, best first and separated by spaces. A name with dots
 * is a path. Its time depends on the members of the object, not on the number of names.
 */
export function fieldsOf<F extends string>(names: { readonly [K in F]: string }): ReadFields<F> {
  const fields = Object.keys(names) as F[];
  const aliases = new Map<string, Alias[]>();
  fields.forEach((field, at) => {
    names[field].split(' ').forEach((name, rank) => {
      const dot = name.indexOf('.');
      const first = dot < 0 ? name : name.slice(0, dot);
      const list = aliases.get(first) ?? [];
      list.push({ field: at, rank, rest: dot < 0 ? null : name.slice(dot + 1) });
      aliases.set(first, list);
    });
  });
  const none = Object.fromEntries(fields.map((field) => [field, undefined])) as {
    [K in F]: JsonValue | undefined;
  };
  const unranked: readonly number[] = fields.map(() => MANY);
  return (value) => {
    const found = { ...none };
    const ranks = unranked.slice();
    let nested: string[] | null = null;
    for (const key in value) {
      const list = aliases.get(key);
      if (list === undefined) continue;
      const held = value[key];
      if (held === null || held === undefined) continue;
      for (const { field, rank, rest } of list) {
        if (rest !== null) {
          nested ??= [];
          if (nested.at(-1) !== key) nested.push(key);
        } else if (rank < (ranks[field] as number)) {
          found[fields[field] as F] = held;
          ranks[field] = rank;
        }
      }
    }
    if (nested === null) return found;
    for (const key of nested) {
      let opened: JsonValue | undefined;
      for (const { field, rank, rest } of aliases.get(key) ?? []) {
        if (rest === null || rank >= (ranks[field] as number)) continue;
        // A text that holds many fields is opened once.
        opened ??= openValue(value[key]);
        const inner = valueAt(opened, rest);
        if (inner === null || inner === undefined) continue;
        found[fields[field] as F] = inner;
        ranks[field] = rank;
      }
    }
    return found;
  };
}
