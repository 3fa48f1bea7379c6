/**
 * A view of a request or a reply with short lists: each item becomes a record, and one call must not
 * push the records of others out of the queue.
 */

import { hasFields, isList } from '../platform/values.ts';

/** Messages or choices of one call that are recorded; further ones are counted. */
const MAX_ITEMS = 4_096;

/** The fields of requests and replies whose items become records. */
const LISTS = [
  'messages',
  'input',
  'contents',
  'choices',
  'candidates',
  'output',
  'content',
  'tool_calls',
  'tool_used',
] as const;

/** What is read of a value, and the number of items that were cut. */
interface Bounded {
  readonly value: unknown;
  readonly lost: number;
}

/** The value itself, or a view of it in which long lists are cut. The value is not changed. */
export function withBoundedLists(value: unknown): Bounded {
  if (!hasFields(value)) return { value, lost: 0 };
  if (isList(value)) return { value: cut(value), lost: excessOf(value) };
  let view: object | undefined;
  let lost = 0;
  for (const key of LISTS) {
    const list = value[key];
    if (!isList(list) || list.length <= MAX_ITEMS) continue;
    view ??= Object.create(value) as object;
    Object.defineProperty(view, key, { value: cut(list), enumerable: true });
    lost += excessOf(list);
  }
  return { value: view ?? value, lost };
}

const excessOf = (list: readonly unknown[]): number => Math.max(0, list.length - MAX_ITEMS);

const cut = (list: unknown[]): unknown[] =>
  list.length <= MAX_ITEMS ? list : list.slice(0, MAX_ITEMS);
